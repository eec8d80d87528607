"""What the system keeps of itself: rules, runs, snapshots, acts, and the rows it refused."""

from liandong.schema.field import Field, Table
from liandong.schema.tables.ledger import RUN_ID

RULE = Table(
    "rule",
    "规则",
    "Rule",
    ("rule_id",),
    (
        Field("rule_id", "id", "规则编号", "Rule"),
        Field("kind", "id", "类型", "Kind"),
        Field("toml", "text", "正文", "Text"),
        Field("valid_from", "date", "生效日", "Valid from", null=True),
        Field("valid_to", "date", "失效日", "Valid to", null=True),
        RUN_ID,
    ),
    home="books",
)

RUN = Table(
    "run",
    "运行",
    "Run",
    ("run_id",),
    (
        Field("run_id", "id", "运行编号", "Run"),
        Field("step", "id", "步骤", "Step"),
        Field("part", "id", "分部", "Part"),
        Field("rule_id", "id", "规则", "Rule", null=True),
        Field(
            "status", "choice", "状态", "Status", choices=("running", "done", "failed", "broken")
        ),
        Field("actor", "id", "操作人", "Actor"),
        Field("version", "id", "程序版本", "Code version"),
        Field("seed", "int", "随机种子", "Seed"),
        Field("inputs", "json", "输入快照", "Inputs"),
        Field("outputs", "json", "输出快照", "Outputs", null=True),
        Field("counts", "json", "行数", "Counts", null=True),
        Field("error", "text", "错误", "Error", null=True),
        Field("started_at", "time", "开始", "Started"),
        Field("ended_at", "time", "结束", "Ended", null=True),
    ),
    home="books",
)

SNAPSHOT = Table(
    "snapshot",
    "快照",
    "Snapshot",
    ("snapshot_id",),
    (
        Field("snapshot_id", "id", "快照编号", "Snapshot"),
        Field("table_name", "id", "表", "Table"),
        Field("part", "id", "分部", "Part"),
        Field("run_id", "id", "运行", "Run"),
        Field("rows", "int", "行数", "Rows", low=0),
        Field("bytes", "int", "字节", "Bytes", low=0),
        Field("sha256", "hash", "内容散列", "Content hash"),
        Field("path", "text", "路径", "Path"),
    ),
    home="books",
)

HEAD = Table(
    "head",
    "现行版本",
    "Current snapshot",
    ("table_name", "part"),
    (
        Field("table_name", "id", "表", "Table"),
        Field("part", "id", "分部", "Part"),
        Field("snapshot_id", "id", "快照", "Snapshot"),
    ),
    home="books",
)

ACT = Table(
    "act",
    "留痕",
    "Act",
    ("seq",),
    (
        Field("seq", "int", "序号", "Sequence", low=0),
        Field("at", "time", "时间", "Time"),
        Field("actor", "id", "操作人", "Actor"),
        Field("action", "id", "事项", "Action"),
        Field("subject", "id", "对象", "Subject"),
        Field("body", "json", "正文", "Body"),
        Field("salt", "text", "盐", "Salt", "hex; null: erased", null=True),
        Field("content", "hash", "内容承诺", "Commitment to subject and body", null=True),
        Field("leaf", "hash", "叶散列", "Leaf hash"),
    ),
    home="books",
)

LOAD_ERROR = Table(
    "load_error",
    "问题行",
    "Refused row",
    ("file", "row", "field", "code"),
    (
        Field("file", "id", "文件", "File"),
        Field("row", "int", "行号", "Row", low=0),
        Field("field", "id", "字段", "Field"),
        Field("value", "text", "原值", "Value", null=True, personal="text"),
        Field("code", "id", "问题代码", "Code"),
        Field("reason_zh", "text", "原因", "Reason (Chinese)"),
        Field("reason_en", "text", "原因（英文）", "Reason"),
        Field("remedy_zh", "text", "处理办法", "Remedy (Chinese)"),
        Field("remedy_en", "text", "处理办法（英文）", "Remedy"),
    ),
)

TABLES = (RULE, RUN, SNAPSHOT, HEAD, ACT, LOAD_ERROR)
