"""Work that the service was asked for: runs and loads that go on in processes of their own."""

from liandong.schema.field import Field, Table

KINDS = ("run", "load", "loop")
OPEN = ("queued", "running")
"""States of jobs that have not ended."""

JOB = Table(
    "service_job",  # a ``job`` is a computation that a hub runs
    "任务",
    "Job",
    ("job_id",),
    (
        Field("job_id", "id", "任务编号", "Job"),
        Field("kind", "choice", "类型", "Kind", choices=KINDS),
        Field("what", "id", "步骤或来源", "Step or source"),
        Field("args", "json", "参数", "Parameters"),
        Field("actor", "id", "提交人", "Asked by"),
        Field(
            "state", "choice", "状态", "State",
            choices=(*OPEN, "done", "failed", "cancelled", "broken"),
        ),
        Field("said", "text", "正在做", "Doing", null=True),
        Field("done", "int", "已完成", "Done", low=0),
        Field("total", "int", "总数", "Of", low=0),
        Field("asked_at", "time", "提交时间", "Asked"),
        Field("started_at", "time", "开始", "Started", null=True),
        Field("ended_at", "time", "结束", "Ended", null=True),
        Field("beat_at", "time", "最近心跳", "Last sign of life", null=True),
        Field("cancelled_by", "id", "取消人", "Cancelled by", null=True),
        # Not run_id: that is who wrote a row.
        Field("run", "id", "运行", "Run", null=True),
        Field("error_zh", "text", "错误", "Error (Chinese)", null=True),
        Field("error_en", "text", "错误（英文）", "Error", null=True),
        # Numbers all changes of all jobs: whoever knows one can ask for those after it.
        Field("change", "int", "变更序号", "Number of the last change", low=1),
    ),
    home="books",
)  # fmt: skip

TABLES = (JOB,)
