"""Receivables as electronic vouchers: what was done with them, their lots, and what is wrong."""

from liandong.schema.field import Field, Table
from liandong.schema.tables.facts import EARLIEST, LATEST

_ACT = Field("act_id", "id", "操作", "Act")
_VOUCHER = Field("voucher_id", "id", "凭证", "Voucher")
_HOLDER = Field("holder_id", "id", "持有人", "Holder")
_FACE = Field("amount", "money", "金额", "Amount", "CNY fen", low=0)
_DUE = Field("due", "date", "到期日", "Due")
_REASONS = Field("reasons", "reasons", "理由", "Reasons")
ACTS = ("issue", "split", "transfer", "discount", "settle", "cancel")

ACT = Table(
    "voucher_act",
    "凭证操作",
    "Voucher act",
    ("act_id",),
    (
        _ACT,
        Field("at", "time", "时间", "Time", low=EARLIEST, high=LATEST),
        Field("seq", "int", "序号", "Sequence", low=0),
        Field("kind", "choice", "类型", "Kind", choices=ACTS),
        Field("voucher_id", "id", "凭证", "Voucher", null=True),
        Field(
            "lot_id", "id", "来源批次（或产生它的操作）", "Lot, or the act it came by", null=True
        ),
        Field("from_party", "id", "转出方", "From", null=True),
        Field("to_party", "id", "接收方", "To", null=True),
        Field("amount", "money", "金额", "Amount", "CNY fen"),
        Field("due", "date", "到期日", "Due", null=True, low=EARLIEST, high=LATEST),
        Field("invoice_id", "id", "发票", "Invoice", null=True),
        Field("rate", "rate", "贴现年利率", "Discount rate", "ppm", null=True, low=0),
        Field(
            "borne_by",
            "choice",
            "利息承担方",
            "Who bears the interest",
            null=True,
            choices=("holder", "issuer"),
        ),
        Field("ref", "id", "关联流水", "Refers to", null=True),
    ),
)

LOT = Table(
    "voucher_lot",
    "凭证批次",
    "Voucher lot",
    ("lot_id",),
    (
        Field("lot_id", "id", "批次", "Lot"),
        Field("parent_id", "id", "来源批次", "Parent lot", null=True),
        _VOUCHER,
        _HOLDER,
        _ACT,
        _FACE,
        Field("left", "money", "尚存", "Left", "CNY fen", low=0),
        Field("passed", "money", "已转出", "Passed on", "CNY fen", low=0),
        Field("settled", "money", "已兑付", "Settled", "CNY fen", low=0),
        Field("cancelled", "money", "已作废", "Cancelled", "CNY fen", low=0),
        Field("depth", "int", "流转层级", "Steps from the issue", low=0),
        _DUE,
        Field(
            "state",
            "choice",
            "状态",
            "State",
            choices=("open", "discounted", "overdue", "passed", "settled", "cancelled"),
        ),
    ),
)

MOVE = Table(
    "voucher_move",
    "凭证流转",
    "Voucher move",
    ("act_id", "lot_id"),
    (
        _ACT,
        Field("lot_id", "id", "来源批次", "From lot"),
        Field("child_id", "id", "新批次", "New lot", null=True),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=1),
    ),
)

HOLDING = Table(
    "voucher_holding",
    "凭证持有",
    "Voucher holding",
    ("voucher_id", "holder_id"),
    (_VOUCHER, _HOLDER, Field("amount", "money", "金额", "Amount", "CNY fen", low=1)),
)

DISCOUNT = Table(
    "voucher_discount",
    "凭证贴现",
    "Voucher discount",
    ("act_id",),
    (
        _ACT,
        _HOLDER,
        Field("lender_id", "id", "融资机构", "Lender"),
        Field("amount", "money", "票面金额", "Face amount", "CNY fen", low=1),
        _DUE,
        Field("days", "int", "计息天数", "Days of interest", "days", low=0),
        Field("rate", "rate", "年利率", "Annual rate", "ppm", low=0),
        Field("interest", "money", "利息", "Interest", "CNY fen", low=0),
        Field("bearer_id", "id", "利息承担方", "Who bears it"),
        Field("proceeds", "money", "实付金额", "Paid out", "CNY fen"),
    ),
)

FAULTS = (
    "zero", "negative", "no_party", "self_transfer", "no_voucher", "no_due", "no_rate",
    "due_passed", "issued_twice", "unknown_voucher", "unknown_parent", "other_voucher",
    "not_holder", "not_issuer", "more_than_held", "after_maturity", "across_due", "settled_twice",
)  # fmt: skip
"""Why an act cannot be; the order is that of the codes of the kernel, from 1."""

FAULT = Table(
    "voucher_fault",
    "凭证异常",
    "Voucher fault",
    ("act_id",),
    (
        _ACT,
        Field("at", "time", "时间", "Time"),
        Field("kind", "choice", "类型", "Kind", choices=ACTS),
        Field("voucher_id", "id", "凭证", "Voucher", null=True),
        Field("lot_id", "id", "来源批次", "Parent lot", null=True),
        Field("amount", "money", "金额", "Amount", "CNY fen"),
        Field("held", "money", "当时可用", "Held then", "CNY fen", null=True),
        Field("fault", "choice", "问题", "Fault", choices=FAULTS),
        _REASONS,
    ),
)

CLAIM_KINDS = ("pledge", "discount")
_CLAIM = [
    (
        Field(f"claim_{s}", "id", f"主张{n}", f"Claim {n}"),
        Field(f"kind_{s}", "choice", f"类型{n}", f"Kind {n}", choices=CLAIM_KINDS),
        Field(f"lender_{s}", "id", f"权利人{n}", f"Lender {n}"),
        Field(f"from_{s}", "date", f"起始日{n}", f"From {n}"),
        Field(f"until_{s}", "date", f"终止日{n}", f"Until {n}", null=True),
        Field(f"amount_{s}", "money", f"金额{n}", f"Amount {n}", "CNY fen", null=True),
    )
    for s, n in (("a", 1), ("b", 2))
]

PLEDGED_TWICE = Table(
    "pledged_twice",
    "重复质押",
    "Pledged twice",
    ("pair_id",),
    (
        Field("pair_id", "id", "编号", "Id"),
        Field("thing", "choice", "标的", "What", choices=("invoice", "lot", "data")),
        Field("thing_id", "id", "标的编号", "Invoice, lot or data asset"),
        Field("amount", "money", "标的金额", "Worth", "CNY fen", null=True),
        *_CLAIM[0],
        *_CLAIM[1],
        _REASONS,
    ),
)

RING = Table(
    "circular_trade",
    "循环贸易",
    "Circular trade",
    ("ring_id",),
    (
        Field("ring_id", "id", "编号", "Id"),
        Field("legs", "int", "环节数", "Legs", low=2),
        Field("first", "date", "首张发票", "First invoice"),
        Field("last", "date", "末张发票", "Last invoice"),
        Field("amount", "money", "最小金额", "Least amount", "CNY fen", low=1),
        Field("spread", "rate", "金额差异", "Spread of amounts", "ppm", low=0, high=1_000_000),
        Field(
            "payments",
            "choice",
            "付款情况",
            "Payments",
            choices=("circulate", "scattered", "partly", "missing", "open"),
        ),
        Field("net", "money", "付款净额", "Net of payments", "CNY fen", null=True, low=0),
        Field("related", "int", "关联成员数", "Related members", low=0),
        Field("verdict", "choice", "判断", "Verdict", choices=("circular", "doubtful", "trade")),
        _REASONS,
    ),
)

LEG = Table(
    "circular_leg",
    "循环贸易环节",
    "Leg of a circular trade",
    ("ring_id", "leg"),
    (
        Field("ring_id", "id", "编号", "Id"),
        Field("leg", "int", "环节", "Leg", low=1),
        Field("invoice_id", "id", "发票", "Invoice"),
        Field("seller", "id", "销方", "Seller"),
        Field("buyer", "id", "购方", "Buyer"),
        Field("date", "date", "开票日期", "Date"),
        Field("amount", "money", "价税合计", "Gross amount", "CNY fen", low=1),
        Field("flow_id", "id", "付款流水", "Payment", null=True),
    ),
)

TABLES = (ACT, LOT, MOVE, HOLDING, DISCOUNT, FAULT, PLEDGED_TWICE, RING, LEG)
