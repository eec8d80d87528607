"""What happened: invoices, transfers, signals, events, bids; and the truth planted in a world."""

from liandong.schema.field import Field, Table

EARLIEST, LATEST = "1990-01-01", "2100-01-01"
LONG_AGO = "1950-01-01"  # of what may be older than bookkeeping by computer

SIGNAL = Table(
    "signal",
    "信号",
    "Signal",
    ("party_id", "source", "measure", "period"),
    (
        Field("party_id", "id", "主体", "Party"),
        Field(
            "source",
            "choice",
            "来源",
            "Source",
            choices=(
                "tax",
                "invoice",
                "judicial",
                "utility",
                "staff",
                "ip",
                "customs",
                "registry",
                "bank",
            ),
        ),
        Field("measure", "id", "指标", "Measure"),
        Field("period", "text", "时期", "Period"),
        Field("value", "float", "数值", "Value"),
        Field("unit", "text", "单位", "Unit", null=True),
        Field("seen_at", "date", "获知日", "Seen at", null=True, low=LONG_AGO, high=LATEST),
    ),
)

INVOICE = Table(
    "invoice",
    "发票",
    "Invoice",
    ("invoice_id",),
    (
        Field("invoice_id", "id", "发票编号", "Invoice"),
        Field("seller", "id", "销方", "Seller"),
        Field("buyer", "id", "购方", "Buyer"),
        Field("date", "date", "开票日期", "Date", low=EARLIEST, high=LATEST),
        Field("net", "money", "不含税金额", "Net amount", "CNY fen"),
        Field("tax", "money", "税额", "Tax", "CNY fen"),
        Field(
            "status",
            "choice",
            "状态",
            "Status",
            choices=("valid", "void", "red"),
            words=(("正常", "valid"), ("作废", "void"), ("红字", "red"), ("红冲", "red")),
        ),
        Field("ref", "id", "原发票", "Original invoice", null=True),
    ),
    checks=("negative_invoice",),
)

FLOW = Table(
    "flow",
    "资金流水",
    "Transfer",
    ("flow_id",),
    (
        Field("flow_id", "id", "流水号", "Transfer"),
        Field("src_account", "id", "付款账户", "From account"),
        Field("dst_account", "id", "收款账户", "To account"),
        Field("amount", "money", "金额", "Amount", "CNY fen"),
        # Hundredths of the payee's currency; none means the same amount.
        Field("received", "money", "到账金额", "Amount received", "1/100", null=True),
        Field("at", "time", "时间", "Time", low=EARLIEST, high=LATEST),
        Field("seq", "int", "序号", "Sequence", low=0),
        Field("purpose", "text", "用途", "Purpose", null=True),
        Field(
            "kind",
            "choice",
            "类型",
            "Kind",
            choices=(
                "transfer",
                "disbursement",
                "repayment",
                "interest",
                "fee",
                "wage",
                "tax",
                "cash",
                "refund",
                "reversal",
            ),
        ),
        Field("ref", "id", "关联流水", "Refers to", null=True),
        Field("loan_id", "id", "贷款编号", "Loan", null=True),
    ),
    checks=("negative_flow", "received_sign"),
)

EVENT = Table(
    "event",
    "事件",
    "Event",
    ("event_id",),
    (
        Field("event_id", "id", "事件编号", "Event"),
        Field("party_id", "id", "主体", "Party"),
        Field(
            "kind",
            "choice",
            "类型",
            "Kind",
            choices=("default", "lawsuit", "enforcement", "penalty", "closure", "listing"),
        ),
        Field("at", "date", "发生日", "Happened", low=LONG_AGO, high=LATEST),
        Field("seen_at", "date", "获知日", "Seen at", null=True, low=LONG_AGO, high=LATEST),
        Field("amount", "money", "金额", "Amount", "CNY fen", null=True),
        Field("ref", "id", "关联编号", "Refers to", null=True),
    ),
)

BID = Table(
    "bid",
    "投标",
    "Bid",
    ("tender_id", "bidder_id"),
    (
        Field("tender_id", "id", "招标编号", "Tender"),
        Field("bidder_id", "id", "投标人", "Bidder"),
        Field("buyer_id", "id", "采购人", "Buyer"),
        Field("amount", "money", "报价", "Price", "CNY fen"),
        Field("at", "date", "投标日", "Date", low=EARLIEST, high=LATEST),
        Field("won", "bool", "中标", "Won"),
    ),
)

TRUTH = Table(
    "truth",
    "预埋真相",
    "Planted truth",
    ("truth_id",),
    (
        Field("truth_id", "id", "编号", "Id"),
        Field(
            "kind",
            "choice",
            "类型",
            "Kind",
            choices=(
                "diverted_loan",
                "round_trip",
                "shell",
                "guarantee_chain",
                "declining_firm",
                "connected_tender",
                "inventive_firm",
                "split_application",
                "double_pledge",
                "circular_trade",
                "listed_party",
                "chokepoint",
                "chain_decoy",
                "market_border",
                "complementary_regions",
                "repeated_structure",
                "planted_flag",
                "bad_water_year",
                "data_pledged_twice",
                "data_right_lapsed",
                "data_self_dealing",
            ),
        ),
        Field("subject", "id", "对象", "Subject"),
        Field("object", "id", "关联对象", "Object", null=True),
        Field("at", "date", "起始日", "From", null=True),
        Field("amount", "money", "金额", "Amount", "CNY fen", null=True),
        Field("detail", "json", "细节", "Detail", null=True),
    ),
    secret=True,
)

TABLES = (SIGNAL, INVOICE, FLOW, EVENT, BID, TRUTH)
