"""Money by region: what the tables of lending, watching and tracing say of each place."""

from liandong.schema.field import Field, Table

WHOLE = "*"
"""All industries together."""
UNITS = ("fen", "ppm", "number")

REGION_MONEY = Table(
    "region_money",
    "地区资金",
    "Money by region",
    ("region_id", "industry", "as_of", "measure"),
    (
        Field("region_id", "region", "地区", "Region"),
        Field("industry", "id", "行业门类（*为合计）", "Section of industry (* is the total)"),
        Field("as_of", "date", "评估日", "As of"),
        Field("measure", "id", "指标", "Measure"),
        Field("value", "int", "数值", "Value"),
        Field("unit", "choice", "单位", "Unit", choices=UNITS),
    ),
)

TABLES = (REGION_MONEY,)
