"""What is asked for and what there is: projects, products, whom they are for, churn, loans."""

from liandong.schema.field import Field, Table

BOUND_MOST = 10**18
"""The largest bound of a criterion: differences of such numbers fit."""

PROJECT = Table(
    "project",
    "项目",
    "Project",
    ("project_id",),
    (
        Field("project_id", "id", "项目编号", "Project"),
        Field("party_id", "id", "申请人", "Applicant"),
        Field("need", "money", "资金需求", "Need", "CNY fen", low=1),
        Field("term_months", "int", "期限", "Term", "months", low=1, high=600),
        Field("purpose", "text", "用途", "Purpose", null=True),
        Field("region_id", "region", "地区", "Region", null=True),
        Field("industry", "industry", "行业", "Industry", null=True),
        Field("asked_on", "date", "申请日", "Asked on", null=True),
        Field(
            "obligor_id",
            "id",
            "付款责任人（缺省为申请人）",
            "Who pays, if not the applicant",
            null=True,
        ),
    ),
)

PRODUCT = Table(
    "product",
    "金融产品",
    "Product",
    ("product_id",),
    (
        Field("product_id", "id", "产品编号", "Product"),
        Field("lender_id", "id", "出资机构", "Lender"),
        Field("name", "text", "名称", "Name", null=True),
        Field("name_en", "text", "英文名称", "English name", null=True),
        Field("min_amount", "money", "最低金额", "Least amount", "CNY fen", low=1),
        Field("max_amount", "money", "最高金额", "Largest amount", "CNY fen", low=1),
        Field("step_amount", "money", "金额级差", "Amount step", "CNY fen", low=1),
        Field("min_rate", "rate", "最低利率", "Lowest rate", "ppm a year", low=0, high=1_000_000),
        Field("max_rate", "rate", "最高利率", "Highest rate", "ppm a year", low=0, high=1_000_000),
        Field("term_months", "int", "期限", "Term", "months", low=1, high=600),
        Field("capacity", "money", "额度", "Capacity", "CNY fen", low=0),
        Field(
            "funding_rate", "rate", "资金成本", "Cost of funds", "ppm a year", low=0, high=1_000_000
        ),
        Field(
            "operating_rate",
            "rate",
            "运营成本",
            "Operating cost",
            "ppm a year",
            low=0,
            high=1_000_000,
        ),
        Field("lgd", "rate", "违约损失率", "Loss given default", "ppm", low=0, high=1_000_000),
        Field(
            "guarantee_cover", "rate", "担保覆盖", "Guarantee cover", "ppm", low=0, high=1_000_000
        ),
        Field("guarantor_id", "id", "担保机构", "Guarantor", null=True),
        Field(
            "subsidy_rate",
            "rate",
            "贴息",
            "Interest subsidy",
            "ppm a year",
            null=True,
            low=0,
            high=1_000_000,
        ),
        Field(
            "ceiling_rate",
            "rate",
            "政策利率上限",
            "Policy ceiling of the rate",
            "ppm a year",
            null=True,
            low=0,
            high=1_000_000,
        ),
        Field(
            "lender_fee_rate",
            "rate",
            "银行承担的担保费率",
            "Guarantee fee that the lender pays",
            "ppm a year",
            null=True,
            low=0,
            high=1_000_000,
        ),
        Field(
            "borrower_fee_rate",
            "rate",
            "借款人承担的担保费率",
            "Guarantee fee that the borrower pays",
            "ppm a year",
            null=True,
            low=0,
            high=1_000_000,
        ),
    ),
    checks=("band_amount", "band_rate"),
)

CRITERION = Table(
    "criterion",
    "准入条件",
    "Criterion of a product",
    ("product_id", "measure", "member", "valid_from"),
    (
        Field("product_id", "id", "产品", "Product"),
        Field("measure", "id", "指标", "Measure"),
        Field("member", "id", "成员（区间条件为 -）", "Member of a set; - for a band"),
        Field(
            "low", "int", "下限（含）", "From", "unit of the measure", null=True,
            low=-BOUND_MOST, high=BOUND_MOST,
        ),
        Field(
            "high", "int", "上限（含）", "To", "unit of the measure", null=True,
            low=-BOUND_MOST, high=BOUND_MOST,
        ),
        Field("basis", "text", "依据", "Basis", null=True),
        Field("valid_from", "date", "生效日", "Valid from", low="1900-01-01", high="2100-01-01"),
        Field("valid_to", "date", "失效日", "Valid to", null=True),
    ),
    checks=("band_criterion", "valid_span"),
)  # fmt: skip

CHURN = Table(
    "churn",
    "利率流失曲线",
    "Rate and churn",
    ("grade", "rate"),
    (
        Field("grade", "id", "等级", "Grade"),
        Field("rate", "rate", "年利率", "Annual rate", "ppm", low=0, high=1_000_000),
        Field("lost", "rate", "流失率", "Share lost", "ppm", low=0, high=1_000_000),
    ),
)

LOAN = Table(
    "loan",
    "贷款",
    "Loan",
    ("loan_id",),
    (
        Field("loan_id", "id", "贷款编号", "Loan"),
        Field("party_id", "id", "借款人", "Borrower"),
        Field("lender_id", "id", "贷款人", "Lender"),
        Field("product_id", "id", "产品", "Product", null=True),
        Field("account_id", "id", "放款账户", "Paid into", null=True),
        Field("amount", "money", "金额", "Amount", "CNY fen", low=1),
        Field("rate", "rate", "年利率", "Annual rate", "ppm", null=True, low=0, high=1_000_000),
        Field("start", "date", "放款日", "Start", low="1950-01-01", high="2100-01-01"),
        Field("term_months", "int", "期限", "Term", "months", low=0, high=600),
        Field(
            "status",
            "choice",
            "状态",
            "Status",
            choices=("current", "repaid", "in_arrears", "default"),
        ),
    ),
)

TABLES = (PROJECT, PRODUCT, CRITERION, CHURN, LOAN)
