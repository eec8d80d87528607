"""What matching finds: quotes, offers, and what an allocation made of every limit."""

from liandong.schema.field import Field, Table

QUOTE = Table(
    "quote",
    "报价",
    "Quote",
    ("project_id", "product_id", "as_of"),
    (
        Field("project_id", "id", "项目", "Project"),
        Field("product_id", "id", "产品", "Product"),
        Field("party_id", "id", "申请人", "Applicant"),
        Field("as_of", "date", "评估日", "As of"),
        Field("eligible", "bool", "符合条件", "Eligible"),
        Field("micro", "bool", "小微", "Small or micro", null=True),
        Field("first_time", "bool", "首贷户", "First-time borrower", null=True),
        Field("region_id", "region", "地区", "Region", null=True),
        Field("industry", "industry", "行业", "Industry", null=True),
        Field("grade", "id", "等级", "Grade", null=True),
        Field("limit", "money", "可贷上限", "Most allowed", "CNY fen", null=True),
        Field("floor_rate", "rate", "保本利率", "Break-even rate", "ppm a year", null=True),
        Field("rate", "rate", "利率", "Rate", "ppm a year", null=True),
        Field("subsidy", "rate", "贴息", "Interest subsidy", "ppm a year", null=True),
        Field(
            "all_in_rate", "rate", "借款人综合成本", "All-in cost to the borrower", "ppm a year",
            null=True,
        ),
        Field("expected_loss", "rate", "预期损失", "Expected loss", "ppm a year", null=True),
        Field(
            "raroc", "int", "风险调整资本回报率", "Risk-adjusted return on capital", "ppm a year",
            null=True,
        ),
        Field("value_rate", "int", "单位价值", "Value per yuan", "ppm", null=True),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)  # fmt: skip

OFFER = Table(
    "offer",
    "撮合结果",
    "Offer",
    ("project_id", "product_id", "as_of"),
    (
        Field("project_id", "id", "项目", "Project"),
        Field("product_id", "id", "产品", "Product"),
        Field("party_id", "id", "申请人", "Applicant"),
        Field("as_of", "date", "评估日", "As of"),
        Field("grade", "id", "等级", "Grade", null=True),
        Field("amount", "money", "分配金额", "Amount", "CNY fen", low=0),
        Field("rate", "rate", "利率", "Rate", "ppm a year", null=True),
        Field("value", "money", "价值", "Value", "CNY fen"),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

TOTALS = (
    Field("projects", "int", "申请项目", "Projects", low=0),
    Field("offered", "int", "获分配项目", "Projects offered money", low=0),
    Field("budget", "money", "总预算", "Budget", "CNY fen"),
    Field("used", "money", "已分配", "Given out", "CNY fen"),
    Field("micro_used", "money", "其中小微", "Of it small and micro", "CNY fen"),
    Field("value", "money", "价值", "Value", "CNY fen"),
    Field("bound", "money", "上界", "Upper bound", "CNY fen"),
)
"""What an allocation comes to."""

ALLOCATION = Table(
    "allocation",
    "分配结论",
    "Allocation",
    ("as_of",),
    (
        Field("as_of", "date", "评估日", "As of"),
        *TOTALS,
        Field("price_bound", "money", "价格证明的上界", "Bound that prices prove", "CNY fen"),
        Field("idle", "money", "闲置资金的价值", "Worth of idle money", "CNY fen"),
        Field("slack", "money", "限额余量的价值", "Worth of slack in limits", "CNY fen"),
        Field("regret", "money", "未得最优方案的差额", "Lost by second-best offers", "CNY fen"),
        Field("certificate", "json", "证书", "Certificate", shape="object"),
    ),
)

LIMIT = (
    Field("limit_id", "id", "限额", "Limit"),
    Field(
        "kind",
        "choice",
        "类别",
        "Kind",
        choices=("budget", "capacity", "floor", "cap"),
    ),
    Field("product_id", "id", "产品", "Product", null=True),
    Field("bound", "money", "限额金额", "Bound", "CNY fen"),
    Field("used", "money", "实际", "Reached", "CNY fen"),
    Field("price", "float", "影子价格", "Shadow price", "yuan per yuan"),
    Field("valid_from", "money", "影子价格适用下限", "Price holds from", "CNY fen", null=True),
    Field("valid_to", "money", "影子价格适用上限", "Price holds to", "CNY fen", null=True),
    Field("directional", "bool", "仅示方向", "Directional only", null=True),
    Field("tolerance", "rate", "影子价格容差", "Tolerance of the price", "ppm", null=True),
)
"""What is told of a limit: what it allows, what was reached, its price and where that holds."""

ALLOCATION_LIMIT = Table(
    "allocation_limit",
    "限额与影子价格",
    "Limit of an allocation",
    ("as_of", "limit_id"),
    (
        Field("as_of", "date", "评估日", "As of"),
        *LIMIT,
    ),
)

TABLES = (QUOTE, OFFER, ALLOCATION, ALLOCATION_LIMIT)
