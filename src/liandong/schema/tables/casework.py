"""Cases that people work on: what needs one, who has it, what was done, and what came of it."""

from liandong.schema.field import Field, Table
from liandong.schema.tables.facts import LATEST, LONG_AGO
from liandong.schema.tables.warnings import LEVELS

STATES = ("open", "proposed", "closed")
KINDS = (
    "opened", "joined", "assigned", "noted", "attached", "escalated", "proposed", "returned",
    "withdrawn", "closed", "reopened",
)  # fmt: skip
"""What can be done to a case."""
ACTIONS = frozenset(f"case.{kind}" for kind in KINDS)
"""The same as actions of the log."""
OUTCOMES = ("confirmed", "false_alarm", "other")

_CASE = Field("case_id", "id", "案件编号", "Case")
_ALERT = Field("alert_id", "id", "预警编号", "Alert")
_PARTY = Field("party_id", "id", "主体", "Party")
_QUEUE = Field("queue", "id", "队列", "Queue")
_RULE = Field("rule", "id", "规则版本", "Rule version")
_CODE = Field("code", "id", "信号", "Signal")
_LEVEL = Field("level", "choice", "级别", "Level", choices=LEVELS)
_DAYS = Field("days", "int", "办理天数", "Days to work", "days", low=1)
_REGION = Field("region_id", "region", "地区", "Region", null=True)
_EXPOSURE = Field("exposure", "money", "未还余额", "Outstanding", "CNY fen", null=True, low=0)
_REASONS = Field("reasons", "reasons", "理由", "Reasons")

TRIAGE = Table(
    "triage",
    "预警分派",
    "Triage of alerts",
    ("alert_id",),
    (
        _ALERT,
        _PARTY,
        _QUEUE,
        _DAYS,
        _LEVEL,  # the gravest of the subject
        _REGION,
        _EXPOSURE,
        _RULE,
        _CODE,
        Field("alert_level", "choice", "预警级别", "Level of the alert", choices=LEVELS),
        Field("opened_at", "time", "开始", "Begun at", low=LONG_AGO, high=LATEST),
        _REASONS,
    ),
)

CASE_QUEUE = Table(
    "case_queue",
    "案件队列",
    "Queue of cases",
    ("queue",),
    (
        _QUEUE,
        Field("place", "int", "次序", "Place", low=1),
        _LEVEL,  # the least that it takes
        _DAYS,
        Field("people", "json", "办理人员", "Who works it", shape="texts"),
    ),
)

ALERT_CASE = Table(
    "alert_case",
    "预警案件",
    "Case of alerts",
    ("case_id",),
    (
        _CASE,
        _PARTY,
        _QUEUE,
        Field("state", "choice", "状态", "State", choices=STATES),
        _LEVEL,
        _REGION,
        _EXPOSURE,
        Field("alerts", "int", "预警数", "Alerts", low=1),
        Field("opened_at", "time", "立案时间", "Opened"),
        Field("due_on", "date", "办理期限", "Due"),
        Field("assignee", "id", "承办人", "Assigned to", null=True),
        Field("escalated", "bool", "已上报", "Escalated"),
        # The number of its last act: the state that somebody has looked at.
        Field("seq", "int", "步数", "Acts", low=1),
        # The row of table case by which somebody else decides on closing.
        Field("approval_id", "id", "审批事项", "Approval", null=True),
        Field("maker", "id", "提出人", "Proposed by", null=True),
        Field("checker", "id", "复核人", "Checked by", null=True),
        Field("outcome", "choice", "结论", "Outcome", choices=OUTCOMES, null=True),
        Field("closed_at", "time", "结案时间", "Closed", null=True),
    ),
    home="books",
)

CASE_ACT = Table(
    "case_act",
    "案件办理记录",
    "Act on a case",
    ("case_id", "seq"),
    (
        _CASE,
        Field("seq", "int", "步", "Number", low=1),
        Field("at", "time", "时间", "Time"),
        Field("actor", "id", "操作人", "Actor"),
        Field("kind", "choice", "事项", "What", choices=KINDS),
        Field("body", "json", "内容", "Content"),
        Field("act", "int", "留痕序号", "Number in the log", low=1),
    ),
    home="books",
)

CASE_ALERT = Table(
    "case_alert",
    "案件所含预警",
    "Alert of a case",
    ("case_id", "alert_id"),
    (_CASE, _ALERT, _RULE, _CODE, _LEVEL),
    home="books",
)

RULE_PRECISION = Table(
    "rule_precision",
    "规则查实率",
    "Precision of a rule",
    ("rule", "code"),
    (
        _RULE,
        _CODE,
        Field("open", "int", "在办案件", "Cases open", low=0),
        Field("confirmed", "int", "查实", "Confirmed", low=0),
        Field("false_alarms", "int", "误报", "False alarms", low=0),
        Field("others", "int", "其他", "Other outcomes", low=0),
        # Of what was closed as confirmed or as a false alarm; None if nothing was.
        Field("precision", "float", "查实率", "Precision", null=True),
        Field("low", "float", "下限", "From", null=True),
        Field("high", "float", "上限", "To", null=True),
        _REASONS,
    ),
)

TABLES = (TRIAGE, CASE_QUEUE, ALERT_CASE, CASE_ACT, CASE_ALERT, RULE_PRECISION)
