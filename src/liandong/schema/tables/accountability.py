"""Who answers for what, what is appealed against it, and which cases belong together."""

from liandong.schema.field import Field, Table

HELD = ("person", "office")
DUTIES = (
    "open_cases", "overdue_cases", "waiting_approvals", "overdue_reviews", "in_time", "overruled",
    "turned_down",
)  # fmt: skip
"""Counts of what is open, and shares: closed in time, closed against the rule, turned down."""
APPEALS = ("filed", "upheld", "dismissed")
ITEMS = ("alert_case", "case", "power_act")
"""Tables whose rows the numbers of a scorecard rest on: each of them may be appealed."""
TIES = (
    "subject", "owner", "vendor", "staff", "unit", "buyer", "supplier", "approver", "account",
    "address", "phone", "person",
)  # fmt: skip
PERSONAL_TIES = ("tie", ("account", "address", "phone", "person"))

_HOLDER = Field("holder", "id", "责任人", "Holder")
_REASONS = Field("reasons", "reasons", "理由", "Reasons")


def _count(name: str, zh: str, en: str, *, null: bool = False) -> Field:
    return Field(name, "int", zh, en, null=null, low=0)


def _share(name: str, zh: str, en: str) -> Field:
    return Field(name, "float", zh, en, null=True, low=0, high=1)


APPEAL = Table(
    "appeal",
    "申诉",
    "Appeal",
    ("act",),
    (
        Field("act", "int", "留痕序号", "Act", low=1),
        Field("appeal_id", "id", "申诉编号", "Appeal"),
        Field("at", "time", "时间", "At"),
        Field("actor", "id", "人员", "Actor"),
        Field("kind", "choice", "性质", "Kind", choices=APPEALS),
        # The row that is appealed against, and who answers for it.
        Field("table_name", "choice", "表", "Table", choices=ITEMS),
        Field("item", "id", "事项", "Item"),
        _HOLDER,
        Field("reason", "text", "理由", "Reason"),
    ),
    home="books",
)

RESPONSIBILITY = Table(
    "responsibility",
    "责任考评",
    "Responsibility scorecard",
    ("as_of", "holder_kind", "holder", "duty"),
    (
        Field("as_of", "date", "截至", "As of"),
        Field("holder_kind", "choice", "责任主体类型", "Kind of holder", choices=HELD),
        _HOLDER,
        Field("duty", "choice", "职责", "Duty", choices=DUTIES),
        _count("hits", "数量", "Count"),
        _count("total", "总数", "Out of", null=True),
        _share("value", "比率", "Share"),
        _share("low", "下限", "From"),
        _share("high", "上限", "To"),
        # Drawn towards all holders, the more the fewer there are.
        _share("shrunk", "收缩比率", "Shrunken share"),
        # Under appeal, or won; and what is left without those.
        _count("appealed", "申诉事项", "Appealed"),
        _count("hits_without", "剔除申诉后数量", "Count without appeals"),
        _count("total_without", "剔除申诉后总数", "Out of, without appeals", null=True),
        _share("value_without", "剔除申诉后比率", "Share without appeals"),
        Field("evidence", "json", "依据", "Evidence", shape="rows"),
        _REASONS,
    ),
)

CASE_LINK = Table(
    "case_link",
    "案件关联",
    "Link between cases",
    ("one", "other", "tie", "via"),
    (
        Field("one", "id", "案件或线索", "Case or flag"),
        Field("other", "id", "另一案件或线索", "Other case or flag"),
        Field("tie", "choice", "关联类型", "Tie", choices=TIES),
        Field("via", "text", "共同之处", "What they share", personal="text"),
        _count("shared_by", "共有者", "Shared by"),
        Field("evidence", "json", "依据", "Evidence", shape="keys"),
    ),
    person=PERSONAL_TIES,
)

CASE_CLUSTER = Table(
    "case_cluster",
    "关联案件组",
    "Group of linked cases",
    ("item",),
    (
        Field("item", "id", "案件或线索", "Case or flag"),
        Field("cluster_id", "id", "组", "Group"),
        _count("size", "组内数量", "Size"),
        _count("links", "关联数", "Links"),
        _REASONS,
    ),
)

CASE_HUB = Table(
    "case_hub",
    "公共节点",
    "Shared by too many",
    ("tie", "via"),
    (
        Field("tie", "choice", "关联类型", "Tie", choices=TIES),
        Field("via", "text", "共同之处", "What they share", personal="text"),
        _count("shared_by", "共有者", "Shared by"),
    ),
    person=PERSONAL_TIES,
)

TABLES = (APPEAL, RESPONSIBILITY, CASE_LINK, CASE_CLUSTER, CASE_HUB)
