"""What is watched: events as they come, what windows say at them, and what was not taken."""

from liandong.schema.field import MONEY_MOST, Field, Table
from liandong.schema.tables.facts import LATEST, LONG_AGO

REFUSALS = ("late", "ahead", "leap", "again", "large")

_EVENT = Field("event_id", "id", "事件编号", "Event")
_SUBJECT = Field("subject_id", "id", "主体", "Subject")
_SOURCE = Field("source", "id", "来源", "Source")
_AT = Field("at", "time", "发生时间", "Happened at", low=LONG_AGO, high=LATEST)
_SEEN = Field("seen_at", "time", "获知时间", "Seen at", low=LONG_AGO, high=LATEST)

WATCH_EVENT = Table(
    "watch_event",
    "监测事件",
    "Watched event",
    ("event_id",),
    (
        _EVENT,
        _SOURCE,
        Field("seq", "int", "序号", "Sequence", low=0),
        _AT,
        _SEEN,
        Field("kind", "id", "类型", "Kind"),
        _SUBJECT,
        Field("other_id", "id", "对方", "Counterparty", null=True),
        Field("amount", "int", "金额或数量", "Amount", "CNY fen, or what the kind counts",
              null=True, low=-MONEY_MOST, high=MONEY_MOST),
        Field("tag", "text", "标签", "Tag", null=True),
    ),
)  # fmt: skip

WINDOW_VALUE = Table(
    "window_value",
    "窗口值",
    "Value of a window",
    ("event_id", "window"),
    (
        _EVENT,
        Field("window", "id", "窗口", "Window"),
        _SUBJECT,
        _AT,
        # None of both: nothing is in the window that could be told of.
        Field("exact", "int", "整数值", "Whole number", null=True),
        Field("value", "float", "数值", "Value", null=True),
    ),
)

QUARANTINE = Table(
    "quarantine",
    "隔离事件",
    "Event not taken",
    ("event_id", "reason"),
    (
        _EVENT,
        Field("reason", "choice", "原因", "Reason", choices=REFUSALS),
        _SOURCE,
        _SUBJECT,
        _AT,
        _SEEN,
    ),
)

TABLES = (WATCH_EVENT, WINDOW_VALUE, QUARANTINE)
