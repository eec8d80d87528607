"""Several behind one: pooled applications, funds of several lenders, receivables and pledges."""

from liandong.schema.field import Field, Table
from liandong.schema.tables.parties import VALID_TO

APPLICATION = Table(
    "application",
    "合并申请",
    "Application",
    ("project_id", "as_of"),
    (
        Field("project_id", "id", "项目", "Project"),
        Field("as_of", "date", "评估日", "As of"),
        Field("lead_id", "id", "主申请项目", "Lead project"),
        Field("controller_id", "id", "实际控制人", "Controller"),
        Field("need", "money", "合并资金需求", "Pooled need", "CNY fen", low=1),
        Field("members", "int", "申请数", "Applications", low=1),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

PARTICIPATION = Table(
    "participation",
    "联合出资",
    "Participation",
    ("product_id", "lender_id", "valid_from"),
    (
        Field("product_id", "id", "产品", "Product"),
        Field("lender_id", "id", "出资机构", "Lender"),
        Field("valid_from", "date", "生效日", "Valid from", low="1900-01-01", high="2100-01-01"),
        VALID_TO,
        Field("share", "rate", "出资比例", "Share", "ppm", low=1, high=1_000_000),
        Field("region_id", "region", "出资地区", "Region that pays", null=True),
        Field("most", "money", "出资上限", "Most it pays", "CNY fen", null=True, low=0),
    ),
    checks=("valid_span",),
)

CONTRIBUTION = Table(
    "contribution",
    "分担出资",
    "Contribution",
    ("project_id", "product_id", "as_of", "lender_id"),
    (
        Field("project_id", "id", "项目", "Project"),
        Field("product_id", "id", "产品", "Product"),
        Field("as_of", "date", "评估日", "As of"),
        Field("lender_id", "id", "出资机构", "Lender"),
        Field("region_id", "region", "出资地区", "Region that pays", null=True),
        Field("share", "rate", "出资比例", "Share", "ppm", low=1, high=1_000_000),
        Field("amount", "money", "出资金额", "Amount", "CNY fen", low=0),
        Field("interest", "money", "年利息", "Interest", "CNY fen a year", null=True),
        Field("expected_loss", "money", "年预期损失", "Expected loss", "CNY fen a year", null=True),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

RECEIVABLE = Table(
    "receivable",
    "应收账款",
    "Receivable",
    ("invoice_id", "as_of"),
    (
        Field("invoice_id", "id", "发票", "Invoice"),
        Field("as_of", "date", "评估日", "As of"),
        Field("project_id", "id", "融资项目", "Project", null=True),
        Field("seller_id", "id", "供应商", "Supplier"),
        Field("buyer_id", "id", "核心企业", "Buyer"),
        Field("amount", "money", "应收金额", "Amount due", "CNY fen"),
        Field("advance", "money", "可融资金额", "Advance", "CNY fen", low=0),
        Field("due", "date", "到期日", "Due"),
        Field("suspicious", "bool", "疑似重复", "Suspicious"),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

PLEDGE = Table(
    "pledge",
    "质押登记",
    "Pledge",
    ("invoice_id", "project_id"),
    (
        Field("invoice_id", "id", "发票", "Invoice"),
        Field("project_id", "id", "融资项目", "Project"),
        Field("fingerprint", "hash", "发票指纹", "Fingerprint"),
        Field("number_print", "hash", "号码指纹", "Fingerprint of the number"),
        Field("content_print", "hash", "内容指纹", "Fingerprint of the content"),
        Field("lender_id", "id", "质权人", "Lender"),
        Field("loan_id", "id", "贷款", "Loan", null=True),
        Field("pledged_on", "date", "质押日", "Pledged on", low="1990-01-01", high="2100-01-01"),
        Field("released_on", "date", "解除日", "Released on", null=True),
    ),
)

TABLES = (APPLICATION, PARTICIPATION, CONTRIBUTION, RECEIVABLE, PLEDGE)
