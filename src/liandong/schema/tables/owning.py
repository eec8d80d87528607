"""Who owns whom: economic interest, control and weakest links side by side, with their evidence."""

from liandong.schema.field import Field, Table

_AS_OF = Field("as_of", "date", "基准日", "As of", low="1900-01-01", high="2100-01-01")
_PARTY = Field("party_id", "id", "企业", "Company")
_HOLDER = Field("holder_id", "id", "所有人", "Holder")
_VERDICT = Field(
    "verdict", "choice", "是否达到", "Reached", choices=("yes", "perhaps", "no"), null=True
)
_REASONS = Field("reasons", "reasons", "理由", "Reasons")


def _part(name: str, zh: str, en: str, *, null: bool = False) -> Field:
    return Field(name, "rate", zh, en, "ppm", null=null, low=0, high=1_000_000)


OWNERSHIP = Table(
    "ownership",
    "穿透持股",
    "Ownership",
    ("as_of", "party_id", "holder_id", "measure"),
    (
        _AS_OF,
        _PARTY,
        _HOLDER,
        Field("measure", "choice", "口径", "Measure", choices=("economic", "control", "weakest")),
        _part("share", "份额", "Share", null=True),
        _part("low", "至少", "At least"),
        _part("high", "至多", "At most"),
        _VERDICT,
        Field("ultimate", "bool", "最终所有人", "Nobody above"),
        _REASONS,
    ),
)

OWNERSHIP_TOTAL = Table(
    "ownership_total",
    "持股核对",
    "Ownership reconciled",
    ("as_of", "party_id"),
    (
        _AS_OF,
        _PARTY,
        Field("direct", "int", "登记份额合计", "Shares on record", "ppm", low=0),
        _part("listed", "列明的最终所有人", "Ultimate holders listed"),
        _part("small", "未列明的小额所有人", "Holders too small to list"),
        _part("unknown", "无登记", "Not on record"),
        _part("locked", "无外部所有人的循环", "In circles without owners"),
        Field("rounding", "int", "舍入差额", "Rounding", "ppm"),
        Field("residual", "float", "求解残差", "Residual of the solution", low=0, high=1),
        _part("circular", "经循环自持", "Held in itself through circles"),
        Field("core_id", "id", "所在循环", "Circle", null=True),
        Field("core_size", "int", "循环成员数", "Members of the circle", low=0),
        _REASONS,
    ),
)

OWNERSHIP_TIE = Table(
    "ownership_tie",
    "持股依据",
    "Ownership evidence",
    ("as_of", "party_id", "src", "dst"),
    (
        _AS_OF,
        _PARTY,
        Field("src", "id", "持有方", "From"),
        Field("dst", "id", "被持有方", "To"),
        Field("valid_from", "date", "生效日", "Valid from"),
        _part("low", "至少", "At least"),
        _part("high", "至多", "At most"),
        Field("carried", "rate", "经此传递的份额", "Of the company through it", "ppm", low=0),
        Field("depth", "int", "层级", "Ties away", low=1),
        Field("circular", "bool", "循环持股", "In a circle"),
        Field("source", "text", "来源", "Source", null=True),
    ),
)

OWNERSHIP_PATH = Table(
    "ownership_path",
    "控制链条",
    "Chain of control",
    ("as_of", "party_id", "holder_id", "chain", "step"),
    (
        _AS_OF,
        _PARTY,
        _HOLDER,
        Field("chain", "int", "链条", "Chain", low=0),
        Field("step", "int", "次序", "Step", low=0),
        Field("src", "id", "持有方", "From"),
        Field("dst", "id", "被持有方", "To"),
        _part("share", "该环份额", "Share of this link"),
        _part("strength", "链条强度", "What the chain carries"),
    ),
)

BENEFICIAL_OWNER = Table(
    "beneficial_owner",
    "受益所有人",
    "Beneficial owner",
    ("as_of", "regime", "party_id", "holder_id"),
    (
        _AS_OF,
        Field("regime", "id", "规则", "Regime"),
        _PARTY,
        _HOLDER,
        _part("interest_low", "经济权益至少", "Interest at least"),
        _part("interest_high", "经济权益至多", "Interest at most"),
        _part("stake_low", "控制份额至少", "Stake at least"),
        _part("stake_high", "控制份额至多", "Stake at most"),
        Field("verdict", "choice", "是否达到", "Reached", choices=("yes", "perhaps")),
        _REASONS,
    ),
)

TABLES = (OWNERSHIP, OWNERSHIP_TOTAL, OWNERSHIP_TIE, OWNERSHIP_PATH, BENEFICIAL_OWNER)
