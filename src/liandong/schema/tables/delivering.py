"""A watch that runs: how far it is, what it said, what it could not read, what went out."""

from liandong.schema.field import Field, Table
from liandong.schema.tables.alerts import ALERT_VERSION
from liandong.schema.tables.facts import LATEST, LONG_AGO
from liandong.schema.tables.warnings import LEVELS
from liandong.schema.tables.watching import REFUSALS

UNREADABLE = ("not_json", "field", "missing", "text")
"""Why something is no event at all; the other reasons are those of windows."""
OUTCOMES = ("waiting", "told", "over")
"""Until its snooze ends; told when it had; nothing to be told of any more."""

_WATCH = Field("watch", "id", "监测", "Watch")
_SEQ = Field("seq", "int", "序号", "Number", low=1)

WATCH_STATE = Table(
    "watch_state",
    "监测进度",
    "State of a watch",
    ("watch",),
    (
        _WATCH,
        # Its text is in the table rule.
        Field("rule", "id", "规则版本", "Rule version"),
        Field("place", "json", "读取位置", "Place in the source", null=True),
        Field("commits", "int", "提交次数", "Commits", low=0),
        Field("taken", "int", "已接收事件", "Events taken", low=0),
        Field("refused", "int", "已隔离事件", "Events refused", low=0),
        Field("warnings", "int", "预警条数", "Warnings", low=0),
        Field("changes", "int", "预警变化次数", "Changes of alerts", low=0),
        Field("clock", "time", "事件时钟", "Newest event", null=True),
        Field("seen_at", "time", "提交时间", "Committed at"),
        Field("size", "int", "窗口内存", "Memory of windows", "B", low=0),
        # The files of the log are good up to here: what is beyond was never committed.
        Field("piece", "int", "日志文件", "File of the log", low=0),
        Field("bytes", "int", "日志字节", "Bytes of it", low=0),
    ),
    home="books",
)

LIVE_WARNING = Table(
    "live_warning",
    "实时预警",
    "Live warning",
    ("watch", "seq"),
    (
        _WATCH,
        _SEQ,
        Field("warning_id", "id", "预警编号", "Warning"),
        Field("rule", "id", "规则版本", "Rule version"),
        Field("code", "id", "信号", "Signal"),
        Field("subject_id", "id", "主体", "Subject"),
        Field("event_id", "id", "事件编号", "Event"),
        Field("at", "time", "成立时间", "Holds at", low=LONG_AGO, high=LATEST),
        Field("seen_at", "time", "获知时间", "Seen at", low=LONG_AGO, high=LATEST),
        # By the clock of the watch, which only events move: alerts go by this.
        Field(
            "known_at", "time", "按事件时钟获知", "Known by its clock", low=LONG_AGO, high=LATEST
        ),
        # None: it was said of this event before, and late events took it back.
        Field("level", "choice", "级别", "Level", choices=LEVELS, null=True),
        Field("amends", "bool", "迟到更正", "Amends"),
        # A candidate judges, and nobody is told.
        Field("shadow", "bool", "影子规则", "Shadow"),
        Field("evidence", "json", "证据", "Evidence"),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
    home="books",
)

LIVE_ALERT = Table(
    "live_alert",
    "在线预警",
    "Alert of a watch",
    ("watch", "alert_id"),
    # As it looks now.
    (_WATCH, *ALERT_VERSION.fields),
    home="books",
)

ALERT_CHANGE = Table(
    "alert_change",
    "在线预警变化",
    "Change of an alert",
    ("watch", "seq"),
    # A later one of the same alert and moment takes the place of an earlier one.
    (_WATCH, _SEQ, *ALERT_VERSION.fields),
    home="books",
)

WATCH_REFUSAL = Table(
    "watch_refusal",
    "监测隔离",
    "Refused by a watch",
    ("watch", "seq"),
    (
        _WATCH,
        _SEQ,
        Field("reason", "choice", "原因", "Reason", choices=(*REFUSALS, *UNREADABLE)),
        Field("event_id", "id", "事件编号", "Event", null=True),
        Field("place", "text", "位置", "Place", null=True),
        Field("detail", "text", "说明", "Detail", null=True),
        Field("text", "text", "原文", "As it came", null=True),
        Field("seen_at", "time", "获知时间", "Seen at"),
    ),
    home="books",
)

WATCH_OUTBOX = Table(
    "watch_outbox",
    "外发进度",
    "Outbox",
    ("watch", "sink"),
    (
        _WATCH,
        Field("sink", "id", "去处", "Sink"),
        # The number of the last warning, or change of an alert, that it has or need not have.
        Field("sent", "int", "已送达序号", "Sent up to", low=0),
        Field("tries", "int", "连续失败次数", "Failures in a row", low=0),
        Field("next_at", "time", "下次重试", "Next try", null=True),
        Field("error", "text", "错误", "Error", null=True),
    ),
    home="books",
)

WATCH_SILENCE = Table(
    "watch_silence",
    "暂停期间未外发",
    "Not sent while snoozed",
    ("watch", "sink", "seq"),
    (
        _WATCH,
        Field("sink", "id", "去处", "Sink"),
        # Of the change of an alert, or of the warning, that was not sent.
        _SEQ,
        # None: it was a warning, of which nobody hears later.
        Field("alert_id", "id", "预警编号", "Alert", null=True),
        Field("snooze_id", "id", "暂停编号", "Snooze"),
        Field("silenced_at", "time", "暂停外发时间", "Silenced at"),
        Field("until_at", "time", "暂停至", "Until"),
        Field("outcome", "choice", "结果", "Outcome", choices=OUTCOMES),
    ),
    home="books",
)

TABLES = (
    WATCH_STATE, LIVE_WARNING, LIVE_ALERT, ALERT_CHANGE, WATCH_REFUSAL, WATCH_OUTBOX,
    WATCH_SILENCE,
)  # fmt: skip
