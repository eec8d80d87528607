"""Red flags: what was spent and bid for, which rows somebody should look at, and what came of it.

A flag points at rows. It judges nobody: whoever is named may appeal, and that is a row as well.
"""

from liandong.schema.field import Field, Personal, Table
from liandong.schema.tables.facts import EARLIEST, LATEST, LONG_AGO

CATEGORIES = (
    "banquet", "meal", "gift", "hotel", "transport", "allowance", "meeting", "training", "office",
    "vehicle", "service", "goods", "other",
)  # fmt: skip
SUBJECTS = ("staff", "vendor", "unit", "tender", "tenderer", "buyer", "entity")
SHOWN = ("all", "gravest", "calendar_unknown")
REVIEWS = ("confirmed", "false_alarm", "other", "appealed")

_FLAG = Field("flag_id", "id", "线索编号", "Flag")
_CODE = Field("code", "id", "线索类型", "Kind of flag")
_REASONS = Field("reasons", "reasons", "理由", "Reasons")
_OCID = Field("ocid", "id", "采购过程", "Contracting process")
_CURRENCY = Field("currency", "text", "币种", "Currency", null=True)
_AMOUNT = Field("amount", "money", "金额", "Amount", "hundredths", null=True)


def _text(name: str, zh: str, en: str, personal: Personal = "") -> Field:
    return Field(name, "text", zh, en, null=True, personal=personal)


def _time(name: str, zh: str, en: str) -> Field:
    return Field(name, "time", zh, en, null=True, low=LONG_AGO, high=LATEST)


EXPENSE = Table(
    "expense",
    "费用明细",
    "Expense line",
    ("expense_id",),
    (
        Field("expense_id", "id", "明细编号", "Line"),
        Field("unit_id", "id", "单位", "Unit"),
        Field("staff_id", "id", "经办人", "Claimed by"),
        Field("vendor_id", "id", "供应商", "Vendor", null=True),
        Field("category", "choice", "费用类别", "Category", choices=CATEGORIES),
        Field("amount", "money", "金额", "Amount", "CNY fen"),
        Field("spent_on", "date", "发生日期", "Spent on", low=EARLIEST, high=LATEST),
        _text("invoice_no", "发票号码", "Invoice number"),
        Field("heads", "int", "人数", "People", null=True, low=1),
        _text("text", "摘要", "Text", "text"),
    ),
)

_HOLDER = (
    _text("address", "地址", "Address", "text"),
    _text("phone", "电话", "Telephone", "phone"),
    _text("bank_account", "银行账号", "Bank account", "number"),
    _text("person", "证件号（可为散列）", "Person, as a number or its hash", "number"),
)

STAFF = Table(
    "staff",
    "工作人员",
    "Member of staff",
    ("staff_id",),
    (
        Field("staff_id", "id", "人员编号", "Member of staff"),
        Field("unit_id", "id", "单位", "Unit"),
        *_HOLDER,
    ),
)

VENDOR = Table(
    "vendor",
    "供应商",
    "Vendor",
    ("vendor_id",),
    (Field("vendor_id", "id", "供应商编号", "Vendor"), _text("name", "名称", "Name"), *_HOLDER),
)

TENDER = Table(
    "tender",
    "招标采购",
    "Tender",
    ("ocid",),
    (
        _OCID,
        _text("buyer_id", "采购人", "Buyer"),
        _text("entity_id", "采购实施单位", "Procuring entity"),
        _text("status", "状态", "Status"),
        _text("method", "采购方式", "Method"),
        _text("method_details", "采购方式说明", "Details of the method"),
        _time("start_at", "投标开始", "Bids from"),
        _time("end_at", "投标截止", "Bids until"),
        Field("tenderers", "int", "投标人数", "Tenderers", null=True),
    ),
)

TENDER_BID = Table(
    "tender_bid",
    "招标投标",
    "Bid for a tender",
    ("ocid", "bid_id"),
    (
        _OCID,
        Field("bid_id", "id", "投标编号", "Bid"),
        _text("status", "状态", "Status"),
        _time("at", "投标时间", "Submitted at"),
        _AMOUNT,
        _CURRENCY,
        Field("tenderers", "json", "投标人", "Tenderers", shape="texts"),
    ),
)

TENDER_AWARD = Table(
    "tender_award",
    "中标结果",
    "Award of a tender",
    ("ocid", "award_id"),
    (
        _OCID,
        Field("award_id", "id", "结果编号", "Award"),
        _text("status", "状态", "Status"),
        _AMOUNT,
        _CURRENCY,
        Field("suppliers", "json", "中标人", "Suppliers", shape="texts"),
        Field("classes", "json", "品目", "Classes of its items", shape="texts"),
    ),
)

RED_FLAG = Table(
    "red_flag",
    "红旗线索",
    "Red flag",
    ("flag_id",),
    (
        _FLAG,
        _CODE,
        Field("subject_kind", "choice", "对象类型", "Kind of subject", choices=SUBJECTS),
        Field("subject_id", "id", "对象", "Subject"),
        # By gravity among those of its kind.
        Field("place", "int", "次序", "Place", low=1),
        Field("items", "int", "涉及行数", "Rows", low=1),
        Field("amount", "money", "涉及金额", "Amount at stake", "hundredths"),
        Field("value", "float", "指标值", "Value", null=True),
        # The table of the rows and the ids of those that are listed.
        Field("evidence", "json", "证据", "Evidence", shape="rows"),
        _REASONS,
    ),
)

FLAG_SUMMARY = Table(
    "flag_summary",
    "线索占比",
    "Share flagged",
    ("code",),
    (
        _CODE,
        Field("shown", "choice", "列示", "What is shown", choices=SHOWN),
        Field("items", "int", "检查行数", "Rows looked at", low=0),
        Field("flagged", "int", "命中行数", "Rows flagged", low=0),
        Field("share", "rate", "命中占比", "Share flagged", "ppm"),
        Field("cap", "rate", "占比上限", "Cap of the share", "ppm"),
        Field("flags", "int", "线索数", "Flags", low=0),
        Field("listed", "int", "列示线索数", "Flags listed", low=0),
        _REASONS,
    ),
)

FLAG_REVIEW = Table(
    "flag_review",
    "线索核查",
    "Review of a flag",
    ("flag_id", "at"),
    (
        _FLAG,
        Field("at", "time", "时间", "At", low=LONG_AGO, high=LATEST),
        Field("actor", "id", "核查人", "By"),
        Field("outcome", "choice", "结果", "Outcome", choices=REVIEWS),
        _text("reason", "说明", "Reason"),
    ),
)

FLAG_PRECISION = Table(
    "flag_precision",
    "线索查实率",
    "Precision of a flag",
    ("code",),
    (
        _CODE,
        Field("listed", "int", "列示线索数", "Flags listed", low=0),
        Field("confirmed", "int", "查实", "Confirmed", low=0),
        Field("false_alarms", "int", "误报", "False alarms", low=0),
        Field("others", "int", "其他", "Other outcomes", low=0),
        Field("appealed", "int", "申诉中", "Under appeal", low=0),
        # Of the confirmed and the false alarms; None if there are neither.
        Field("precision", "float", "查实率", "Precision", null=True),
        Field("low", "float", "下限", "From", null=True),
        Field("high", "float", "上限", "To", null=True),
        _REASONS,
    ),
)

TABLES = (
    EXPENSE, STAFF, VENDOR, TENDER, TENDER_BID, TENDER_AWARD, RED_FLAG, FLAG_SUMMARY, FLAG_REVIEW,
    FLAG_PRECISION,
)  # fmt: skip
