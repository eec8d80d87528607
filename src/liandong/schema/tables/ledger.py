"""The books: accounts and entries, cases, powers and consents."""

from liandong.schema.field import Field, Table

COUNTERS = ("debit", "credit", "pending_debit", "pending_credit")
"""What is counted of each account."""
REVERSAL = "reversal:"
"""What the id of an entry begins with that takes another one back."""
RUN_ID = Field("run_id", "id", "运行", "Run", null=True)
"""The run that wrote the row; the store fills it in, steps leave it empty."""

PERIODS = ("day", "month", "year")
"""Spans of the calendar over which a power may be limited."""
POWER_ACTS = ("used", "asked", "approved", "declined", "revoked", "opened", "reviewed",
              "denied", "attached")  # fmt: skip
"""What is done with powers: ``declined`` ends what was asked, ``opened`` is breaking the glass of
one kept for emergencies, ``denied`` what the list refused, and ``attached`` brings documents."""

ACCOUNT = Table(
    "account",
    "账户",
    "Ledger account",
    ("account_id",),
    (
        Field("account_id", "id", "账户编号", "Account"),
        Field("owner_id", "id", "户主", "Owner"),
        Field("unit", "id", "计量单位", "Unit"),
        Field(
            "code",
            "choice",
            "科目",
            "Class",
            choices=("loans", "deposits", "income", "loss", "subsidy", "guarantee", "memo"),
        ),
        RUN_ID,
        # Which side may not exceed what is posted on the other.
        Field(
            "capped",
            "choice",
            "余额约束",
            "Capped",
            null=True,
            later=True,
            choices=("debits", "credits"),
        ),
    ),
    home="books",
)

BALANCE = Table(
    "balance",
    "账户余额",
    "Balance",
    ("account_id",),
    (
        Field("account_id", "id", "账户编号", "Account"),
        Field("debit", "int", "借方", "Debits", "minor units", low=0),
        Field("credit", "int", "贷方", "Credits", "minor units", low=0),
        Field("pending_debit", "int", "借方冻结", "Reserved debits", "minor units", low=0),
        Field("pending_credit", "int", "贷方冻结", "Reserved credits", "minor units", low=0),
    ),
    home="books",
)

ENTRY = Table(
    "entry",
    "分录",
    "Entry",
    ("entry_id",),
    (
        Field("entry_id", "id", "分录编号", "Entry"),
        Field("debit", "id", "借方账户", "Debit account"),
        Field("credit", "id", "贷方账户", "Credit account"),
        Field("amount", "money", "金额", "Amount", "minor units", low=1),
        Field("unit", "id", "计量单位", "Unit"),
        Field("phase", "choice", "阶段", "Phase", choices=("posted", "pending", "post", "void")),
        Field("event_time", "date", "业务日期", "Event date"),
        Field("agreement", "id", "依据", "Agreement", null=True),
        Field("ref", "id", "关联编号", "Refers to", null=True),
        RUN_ID,
        # Of a reservation: it is void from here on.
        Field("until", "time", "冻结期限", "Reserved until", null=True, later=True),
        # Strictly increasing; the store fills it in.
        Field("book_time", "time", "记账时间", "Book time", null=True, later=True),
    ),
    home="books",
)

RESERVATION = Table(
    "reservation",
    "未了冻结",
    "Open reservation",
    ("entry_id",),
    (
        Field("entry_id", "id", "分录编号", "Entry"),
        Field("until", "time", "冻结期限", "Reserved until", null=True),
    ),
    home="books",
)

LEDGER_STATE = Table(
    "ledger_state",
    "账簿状态",
    "State of the ledger",
    ("ledger",),
    (
        Field("ledger", "id", "账簿", "Ledger"),
        Field("book_time", "time", "最近记账时间", "Last book time", null=True),
        Field("closed_to", "date", "已结账至", "Closed up to", null=True),
    ),
    home="books",
)

CASE = Table(
    "case",
    "审批事项",
    "Case",
    ("case_id",),
    (
        Field("case_id", "id", "事项编号", "Case"),
        Field("action", "id", "事由", "Action"),
        Field("subject", "id", "对象", "Subject"),
        Field("maker", "id", "经办", "Maker"),
        Field("checker", "id", "复核", "Checker", null=True),
        Field(
            "state",
            "choice",
            "状态",
            "State",
            choices=("open", "approved", "rejected", "withdrawn"),
        ),
        Field("opened_at", "time", "提交时间", "Opened"),
        Field("closed_at", "time", "办结时间", "Closed", null=True),
    ),
    home="books",
)

POWER = Table(
    "power",
    "权力事项",
    "Power",
    ("power_id",),
    (
        Field("power_id", "id", "权力编号", "Power"),
        Field("holder", "id", "行使人", "Holder"),  # a person, role:…, post:…, or * for all
        Field("action", "id", "事项", "Action"),
        Field("limit", "money", "单笔限额", "Limit a case", "CNY fen", null=True, low=0),
        Field("conditions", "json", "条件", "Conditions", null=True),
        Field("conflicts", "json", "不相容", "Conflicts", null=True),
        Field("valid_from", "date", "生效日", "Valid from", null=True),
        Field("valid_to", "date", "失效日", "Valid to", null=True),
        Field("basis", "text", "依据", "Legal basis", null=True),
        Field("scope", "json", "范围", "Scope", null=True),
        Field("period", "choice", "限额周期", "Period", null=True, choices=PERIODS),
        Field("period_limit", "money", "周期限额", "Limit a period", "CNY fen", null=True, low=0),
        Field("total_limit", "money", "累计限额", "Limit in all", "CNY fen", null=True, low=0),
        Field("evidence", "json", "所需材料", "Evidence", null=True),
        Field("approvals", "json", "会签", "Approvals", null=True),
        Field("never_with", "json", "不得兼有", "Never held with", null=True),
        Field("delegate_days", "int", "可转授天数", "Delegable for", "days", null=True, low=1),
        Field("glass_hours", "int", "紧急启用", "Break-glass", "hours", null=True, low=1),
        Field("source", "id", "转授自", "Delegated from", null=True),
        Field("delegator", "id", "转授人", "Delegator", null=True),
    ),
    home="books",
    checks=("valid_span",),
)

POST = Table(
    "post",
    "岗位任职",
    "Post",
    ("post_id",),
    (
        Field("post_id", "id", "任职编号", "Term"),
        Field("person", "id", "人员", "Person"),
        Field("post", "id", "角色或岗位", "Role or post"),  # role:… or post:…
        Field("valid_from", "date", "生效日", "Valid from", null=True),
        Field("valid_to", "date", "失效日", "Valid to", null=True),
    ),
    home="books",
    checks=("valid_span",),
)

POWER_ACT = Table(
    "power_act",
    "用权记录",
    "Use of powers",
    ("act",),
    (
        Field("act", "int", "留痕序号", "Act", low=1),
        Field("at", "time", "时间", "At"),
        Field("actor", "id", "人员", "Actor"),
        Field("kind", "choice", "性质", "Kind", choices=POWER_ACTS),
        Field("power_id", "id", "权力编号", "Power", null=True),
        Field("action", "id", "事项", "Action", null=True),
        Field("subject", "text", "对象", "Subject", null=True),
        Field("amount", "money", "金额", "Amount", "CNY fen", null=True, low=0),
        Field("ref", "int", "针对", "Refers to act", null=True),
        Field("reason", "text", "理由", "Reason", null=True),
        Field("times", "int", "次数", "Times", null=True, low=1),
        Field("evidence", "json", "材料散列", "Hashes of evidence", null=True),  # by kind
    ),
    home="books",
)

REFUSAL = Table(
    "refusal",
    "本分钟内再被拒",
    "Refused again within the minute",
    ("actor", "action", "minute"),
    (
        Field("actor", "id", "人员", "Actor"),
        Field("action", "id", "事项", "Action"),
        Field("minute", "time", "起于", "From"),
        Field("lacking", "text", "所缺", "Lacking"),
        Field("times", "int", "次数", "Times", low=0),
    ),
    home="books",
)

CONSENT = Table(
    "consent",
    "授权同意",
    "Consent",
    ("consent_id",),
    (
        Field("consent_id", "id", "授权编号", "Consent"),
        Field("party_id", "id", "主体", "Party"),
        Field("dataset", "id", "数据集", "Dataset"),
        Field("purpose", "id", "目的", "Purpose"),
        Field("until", "date", "有效期至", "Until", null=True),
    ),
    home="books",
)

TABLES = (
    ACCOUNT, BALANCE, ENTRY, RESERVATION, LEDGER_STATE, CASE, POWER, POST, POWER_ACT, REFUSAL,
    CONSENT,
)  # fmt: skip
