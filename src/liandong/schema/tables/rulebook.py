"""Rules of watch in words, versions of the rules of a watch, and what a change would bring."""

from liandong.schema.field import Field, Table
from liandong.schema.tables.warnings import LEVELS

RULE_TEXT = Table(
    "rule_text",
    "规则说明",
    "Rule in words",
    ("within", "shadow", "rule"),
    (
        # The id that warnings and alerts name, and the row of ``rule`` in which it is written.
        Field("rule", "id", "规则版本", "Rule version"),
        Field("within", "id", "所在规则", "Written in"),
        Field("code", "id", "信号", "Signal"),
        # None: the rule has several levels.
        Field("level", "choice", "级别", "Level", choices=LEVELS, null=True),
        Field("when", "text", "条件", "Condition", null=True),
        Field("zh", "text", "说明", "In words (Chinese)"),
        Field("en", "text", "说明（英文）", "In words"),
        Field("remark", "text", "备注", "Remark", null=True),
        Field("sql", "text", "SQL", "SQL", null=True),
        Field("reads", "json", "所用窗口与字段", "What it reads", shape="texts"),
        Field("shadow", "bool", "影子规则", "Shadow"),
        Field("valid_from", "date", "生效日", "Valid from", null=True),
        Field("valid_to", "date", "失效日", "Valid to", null=True),
    ),
)

WATCH_VERSION = Table(
    "watch_version",
    "监测规则版本",
    "Version of the rules of a watch",
    ("version_id",),
    (
        Field("version_id", "id", "版本编号", "Version"),
        Field("watch", "id", "监测", "Watch"),
        Field("number", "int", "序号", "Number", low=1),
        Field("rule", "id", "规则", "Rule"),
        # The rule that it was made from; None: nothing was before it.
        Field("base", "id", "原规则", "Made from", null=True),
        Field("reason", "text", "理由", "Reason"),
        Field("actor", "id", "提出人", "Proposed by"),
        Field("at", "time", "提出时间", "Proposed at"),
    ),
)

TRIAL_SUBJECT = Table(
    "trial_subject",
    "规则变更影响主体",
    "Subject that a change of rules concerns",
    ("name", "subject_id"),
    (
        Field("name", "id", "试算", "Trial"),
        Field("subject_id", "id", "主体", "Subject"),
        Field("change", "choice", "变化", "Change", choices=("new", "gone")),
        Field("seen_at", "time", "首次预警", "First alert"),
        Field("alerts", "int", "预警数", "Alerts", low=1),
    ),
)

TABLES = (RULE_TEXT, WATCH_VERSION, TRIAL_SUBJECT)
