"""Warnings: what a rule says of somebody at one moment, before moments are joined to alerts."""

from liandong.schema.field import Field, Table
from liandong.schema.tables.facts import LATEST, LONG_AGO

LEVELS = ("yellow", "orange", "red")

WARNING = Table(
    "warning",
    "预警信号",
    "Warning",
    ("rule", "subject_id", "at"),
    (
        Field("rule", "id", "规则版本", "Rule version"),
        Field("code", "id", "信号", "Signal"),
        Field("subject_id", "id", "主体", "Subject"),
        Field("at", "time", "成立时间", "Holds at", low=LONG_AGO, high=LATEST),
        # Never before what it rests on was known: backtests go by this.
        Field("seen_at", "time", "获知时间", "Seen at", low=LONG_AGO, high=LATEST),
        # None: judged, and nothing to warn of; it cools an episode down.
        Field("level", "choice", "级别", "Level", choices=LEVELS, null=True),
        Field("value", "float", "数值", "Value", null=True),
        Field("threshold", "float", "阈值", "Threshold", null=True),
        Field("evidence", "json", "证据", "Evidence", null=True),
        Field("reasons", "reasons", "理由", "Reasons"),
        # With no level: as if nothing had been said of this moment.
        Field("amends", "bool", "更正", "Amends", null=True),
    ),
)

TABLES = (WARNING,)
