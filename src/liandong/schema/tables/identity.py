"""Which records stand for one firm."""

from liandong.schema.field import Field, Table

SAME_PARTY = Table(
    "same_party",
    "同一主体",
    "Same party",
    ("left", "right"),
    (
        Field("left", "id", "主体", "Party"),
        Field("right", "id", "另一记录", "Other record"),
        Field("entity_id", "id", "归并主体", "Entity", null=True),
        Field(
            "verdict",
            "choice",
            "结论",
            "Verdict",
            choices=("same", "review"),
            words=(("同一", "same"), ("待核", "review")),
        ),
        Field("probability", "rate", "同一概率", "Probability", "ppm", low=0, high=1_000_000),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

TABLES = (SAME_PARTY,)
