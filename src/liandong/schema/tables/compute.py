"""Computing power: hubs, what their hours cost, jobs, and where and when they ran."""

from liandong.schema.field import Field, Table

_SCENARIO = Field("scenario", "id", "方案", "Scenario")
_JOB = Field("job_id", "id", "作业", "Job")
_HUB = Field("hub_id", "id", "算力枢纽", "Hub")
EARLIEST, LATEST = "1990-01-01", "2100-01-01"


def _minutes(name: str, zh: str, en: str, *, null: bool = False, low: int = 0) -> Field:
    return Field(name, "int", zh, en, "GPU minutes", null=null, low=low, high=10**10)


HUB = Table(
    "hub",
    "算力枢纽",
    "Hub",
    ("hub_id",),
    (
        _HUB,
        Field("region_id", "region", "地区", "Region"),
        Field("name", "text", "名称", "Name", null=True),
        Field("name_en", "text", "英文名称", "English name", null=True),
        Field("lon", "float", "经度", "Longitude", "degrees", null=True, low=-180, high=180),
        Field("lat", "float", "纬度", "Latitude", "degrees", null=True, low=-90, high=90),
        Field("pue", "float", "电能利用效率", "PUE", low=1, high=5),
        Field("transfer_fee", "money", "迁入数据费", "Moving in a gigabyte", "CNY fen", low=0),
    ),
)

HUB_HOUR = Table(
    "hub_hour",
    "枢纽小时",
    "Hub hour",
    ("hub_id", "at"),
    (
        _HUB,
        Field("at", "time", "小时", "Hour", low=EARLIEST, high=LATEST),
        Field("gpus", "int", "可用卡数", "GPUs", low=0, high=10_000_000),
        Field("price", "money", "电价", "Price of a MWh", "CNY fen", low=0, high=10**7),
        Field("carbon", "int", "碳强度", "Carbon", "g CO2 a kWh", low=0, high=2_000),
    ),
)

JOB = Table(
    "job",
    "算力作业",
    "Job",
    ("job_id",),
    (
        _JOB,
        Field("home", "id", "归属枢纽", "Home hub"),
        Field("arrived", "time", "提交时间", "Arrived", low=EARLIEST, high=LATEST),
        Field("deadline", "time", "截止时间", "Deadline", low=EARLIEST, high=LATEST),
        _minutes("volume", "算力需求", "Volume", low=1),
        Field("gpus", "int", "最多同时卡数", "GPUs at once", low=1, high=1_000_000),
        Field(
            "reach",
            "int",
            "可迁距离（空为不限）",
            "May run so far away",
            "metres",
            null=True,
            low=0,
        ),
        Field("data", "int", "数据量", "Data", "gigabytes", low=0, high=10**7),
        Field(
            "penalty", "money", "未服务罚金", "Penalty of a GPU hour", "CNY fen", low=1, high=10**7
        ),
    ),
)

DISPATCH = Table(
    "dispatch",
    "算力调度",
    "Dispatch",
    ("scenario", "job_id"),
    (
        _SCENARIO,
        _JOB,
        Field("hub_id", "id", "运行枢纽", "Hub", null=True),
        Field("start", "time", "开始", "Start", null=True),
        Field("end", "time", "结束", "End", null=True),
        _minutes("ran", "已运行", "Ran"),
        _minutes("unserved", "未服务", "Not served"),
        Field("energy", "money", "电费", "Energy", "CNY fen"),
        Field("carbon", "money", "碳成本", "Carbon", "CNY fen"),
        Field("transfer", "money", "数据迁移", "Transfer", "CNY fen"),
        Field("penalty", "money", "罚金", "Penalty", "CNY fen"),
        Field("congestion", "money", "拥塞价格", "Price of congestion", "CNY fen"),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

DISPATCH_PRICE = Table(
    "dispatch_price",
    "算力影子价格",
    "Dispatch price",
    ("scenario", "hub_id", "at"),
    (
        _SCENARIO,
        _HUB,
        Field("at", "time", "小时", "Hour"),
        Field("price", "float", "拥塞价格", "Price of congestion", "yuan a GPU hour"),
        _minutes("used", "已用", "Used"),
        _minutes("capacity", "容量", "Capacity"),
    ),
)

DISPATCH_SUMMARY = Table(
    "dispatch_summary",
    "调度结论",
    "Dispatch summary",
    ("scenario", "region_id"),
    (
        _SCENARIO,
        Field("region_id", "id", "地区（*为合计）", "Region (* is the total)"),
        Field("jobs", "int", "作业数", "Jobs", low=0),
        _minutes("volume", "需求", "Asked for"),
        _minutes("unserved", "未服务", "Not served"),
        _minutes("ran_here", "在本地区运行", "Run in the region"),
        _minutes("came", "其中来自外地", "Of it from elsewhere"),
        Field("cost", "money", "成本", "Cost", "CNY fen"),
        Field("carbon_kg", "int", "碳排放", "Carbon", "kg CO2", low=0),
        Field("home_cost", "money", "全在归属枢纽先到先得", "First come at home", "CNY fen"),
        Field(
            "cheapest_cost", "money", "最便宜枢纽先到先得", "First come at the cheapest", "CNY fen"
        ),
        Field("benefit", "money", "比在本地节省", "Saved against home", "CNY fen"),
        Field("rent", "money", "拥塞租金", "Rent of congestion", "CNY fen", low=0),
        Field("bound", "money", "下界", "Lower bound", "CNY fen", null=True),
        Field("gap", "float", "差距", "Gap", "share of the bound", null=True),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

TABLES = (HUB, HUB_HOUR, JOB, DISPATCH, DISPATCH_PRICE, DISPATCH_SUMMARY)
