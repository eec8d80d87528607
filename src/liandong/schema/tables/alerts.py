"""Alerts: episodes of warnings, all versions of them that were known, and who does not want them.

An alert is an episode: its id is a hash of the version of the rule, the subject and the moment at
which the episode began.
"""

from liandong.schema.field import Field, Table
from liandong.schema.tables.facts import LATEST, LONG_AGO
from liandong.schema.tables.warnings import LEVELS

STATES = ("open", "cooling", "closed")
CHANGES = ("opened", "escalated", "warned", "cooling", "closed", "amended", "withdrawn")


def _time(name: str, zh: str, en: str, *, null: bool = False) -> Field:
    return Field(name, "time", zh, en, null=null, low=LONG_AGO, high=LATEST)


_ALERT = Field("alert_id", "id", "预警编号", "Alert")
_PARTY = Field("party_id", "id", "主体", "Party")
_LEVEL = Field("level", "choice", "级别", "Level", choices=LEVELS)
_OPENED = _time("opened_at", "开始", "Begun at")
_LAST = _time("last_at", "最近信号", "Last warning at")
_CLOSED = _time("closed_at", "关闭", "Closed at", null=True)
_REASONS = Field("reasons", "reasons", "理由", "Reasons")

_EPISODE = (
    _PARTY,
    Field("rule", "id", "规则版本", "Rule version"),
    Field("code", "id", "信号", "Signal"),
    _LEVEL,  # the gravest so far
    _OPENED,
    _time("seen_at", "获知时间", "Known since"),
    _LAST,
    _time("cooling_at", "转入冷却", "Cooling since", null=True),
    _CLOSED,
    Field("warnings", "int", "信号次数", "Warnings", low=1),
    # Those of the first of its gravest warnings.
    Field("value", "float", "指标值", "Value", null=True),
    Field("threshold", "float", "阈值", "Threshold", null=True),
    Field("evidence", "json", "证据", "Evidence", null=True),
    _REASONS,
)

ALERT = Table(
    "alert",
    "预警",
    "Alert",
    ("alert_id",),
    (
        _ALERT,
        Field("group_id", "id", "预警组", "Group of alerts"),
        Field("state", "choice", "状态", "State", choices=STATES),
        *_EPISODE,
    ),
)

ALERT_VERSION = Table(
    "alert_version",
    "预警版本",
    "Version of an alert",
    ("alert_id", "known_from"),
    (
        _ALERT,
        # It holds until the next version of the same alert.
        _time("known_from", "自此获知", "Known from"),
        Field("change", "choice", "变化", "Change", choices=CHANGES),
        Field("state", "choice", "状态", "State", choices=(*STATES, "withdrawn")),
        Field("instead", "id", "改为", "Replaced by", null=True),
        *_EPISODE,
    ),
)

ALERT_GROUP = Table(
    "alert_group",
    "预警组",
    "Group of alerts",
    ("group_id",),
    (
        Field("group_id", "id", "预警组", "Group of alerts"),
        _PARTY,
        Field("state", "choice", "状态", "State", choices=STATES),
        _LEVEL,
        _OPENED,
        _LAST,
        _CLOSED,
        Field("alerts", "int", "预警数", "Alerts", low=1),
        Field("codes", "text", "信号", "Signals"),
        _REASONS,
    ),
)

SNOOZE = Table(
    "snooze",
    "暂停提醒",
    "Snooze",
    ("snooze_id",),
    (
        Field("snooze_id", "id", "暂停编号", "Snooze"),
        _PARTY,
        # None: all signals.
        Field("code", "id", "信号", "Signal", null=True),
        Field("level", "choice", "至多级别", "Up to level", choices=LEVELS),
        _time("from_at", "自", "From"),
        _time("until_at", "至", "Until"),
        Field("reason", "text", "理由", "Reason"),
        Field("actor", "id", "操作人", "Actor"),
    ),
)

TABLES = (ALERT, ALERT_VERSION, ALERT_GROUP, SNOOZE)
