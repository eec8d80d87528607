"""Where people live and where service points open: places, ways, points, links."""

from liandong.schema.field import Field, Table

PLACE = Table(
    "place",
    "地点",
    "Place",
    ("place_id",),
    (
        Field("place_id", "id", "地点编号", "Place"),
        Field("region_id", "region", "地区", "Region", null=True),
        Field("name", "text", "名称", "Name", null=True),
        Field("name_en", "text", "英文名称", "English name", null=True),
        Field(
            "kind",
            "choice",
            "类型",
            "Kind",
            null=True,
            choices=("city", "county", "town", "village"),
        ),
        Field("lon", "float", "经度", "Longitude", "degrees", null=True, low=-180, high=180),
        Field("lat", "float", "纬度", "Latitude", "degrees", null=True, low=-90, high=90),
        Field("weight", "int", "服务人口", "People", "people", low=0, high=2_000_000_000),
        Field("candidate", "bool", "可设点", "May hold a service point"),
        Field("must_open", "bool", "必须设点", "Must hold one", null=True),
        Field("capacity", "int", "服务能力", "Capacity", "people", null=True, low=0),
    ),
)

TRAVEL = Table(
    "travel",
    "通行",
    "Travel",
    ("src", "dst"),
    (
        Field("src", "id", "起点", "From"),
        Field("dst", "id", "终点", "To"),
        Field(
            "distance", "int", "距离", "Distance", "metres", null=True, low=0, high=1_000_000_000
        ),
        Field("minutes", "float", "用时", "Time", "minutes", null=True, low=0, high=10_000_000),
    ),
)

_SCENARIO = Field("scenario", "id", "方案", "Scenario")

SERVICE_POINT = Table(
    "service_point",
    "服务点",
    "Service point",
    ("scenario", "place_id"),
    (
        _SCENARIO,
        Field("place_id", "id", "地点", "Place"),
        Field("region_id", "region", "地区", "Region", null=True),
        Field("open", "bool", "设点", "Open"),
        Field("places", "int", "服务地点数", "Places served", low=0),
        Field("load", "int", "服务人口", "People served", "people", low=0),
        Field("capacity", "int", "服务能力", "Capacity", "people", null=True, low=0),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

SERVICE_LINK = Table(
    "service_link",
    "服务关系",
    "Service link",
    ("scenario", "place_id"),
    (
        _SCENARIO,
        Field("place_id", "id", "地点", "Place"),
        Field("site_id", "id", "服务点", "Service point"),
        Field("region_id", "region", "地区", "Region", null=True),
        Field("weight", "int", "服务人口", "People", "people", low=0),
        Field("distance", "int", "距离", "Distance", "metres or seconds", null=True, low=0),
        Field("covered", "bool", "在服务半径内", "Within the radius"),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

SERVICE_SUMMARY = Table(
    "service_summary",
    "布局结论",
    "Service summary",
    ("scenario", "region_id"),
    (
        _SCENARIO,
        Field("region_id", "id", "地区（*为合计）", "Region (* is the total)"),
        Field("goal", "choice", "目标", "Goal", choices=("median", "cover", "centre")),
        Field("sites", "int", "服务点数", "Sites", low=0),
        Field("places", "int", "地点数", "Places", low=0),
        Field("weight", "int", "人口", "People", "people", low=0),
        Field("mean", "float", "平均距离", "Mean distance", "metres or seconds", null=True),
        Field("farthest", "int", "最远距离", "Farthest", "metres or seconds", null=True),
        Field("covered", "rate", "覆盖率", "Share covered", "ppm", null=True),
        Field("beyond", "int", "超出上限的地点", "Places beyond the cap", low=0),
        Field("gini", "float", "距离基尼系数", "Gini of distances", null=True),
        Field("value", "int", "目标值", "Value", null=True),
        Field("bound", "int", "界", "Bound", null=True),
        Field("gap", "float", "差距", "Gap", "share of the bound", null=True),
        Field("proof", "choice", "证明", "Proof", null=True, choices=("bound", "search", "none")),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

TABLES = (PLACE, TRAVEL, SERVICE_POINT, SERVICE_LINK, SERVICE_SUMMARY)
