"""Who reaches whom: timetables of trains, and what regions, cities and people lie within reach."""

from liandong.schema.field import Field, Table

NETWORKS = ("road", "rail")
"""Ways over places and legs, and trains by their timetable."""
LEVELS = ("place", "region")
TOTAL = "*"
"""Stands for the region of everything."""

MOST = 14 * 1_440
"""Most minutes a trip or a journey may take: two weeks."""

_NETWORK = Field("network", "choice", "网络", "Network", choices=NETWORKS)
_LIMIT = Field("within", "int", "时限", "Limit", "minutes", low=0, high=MOST)
_REGION = Field("region_id", "region", "地区", "Region", null=True)
_PEOPLE = Field("people", "int", "可达人口", "People reached", "people", low=0)

STATION = Table(
    "station",
    "车站",
    "Station",
    ("station_id",),
    (
        Field("station_id", "id", "车站编号", "Station"),
        Field("name", "text", "名称", "Name", null=True),
        Field("name_en", "text", "英文名称", "English name", null=True),
        Field("lon", "float", "经度", "Longitude", "degrees", null=True, low=-180, high=180),
        Field("lat", "float", "纬度", "Latitude", "degrees", null=True, low=-90, high=90),
        _REGION,
    ),
)

_MINUTES = "minutes since midnight of the day on which the trip begins"
STOP_TIME = Table(
    "stop_time",
    "列车时刻",
    "Stop of a trip",
    ("trip_id", "seq"),
    (
        Field("trip_id", "id", "车次", "Trip"),
        Field("seq", "int", "站序", "Place in the trip", low=0),
        Field("station_id", "id", "车站编号", "Station"),
        Field("arrives", "int", "到达", "Arrives", _MINUTES, null=True, low=0, high=MOST),
        Field("departs", "int", "出发", "Departs", _MINUTES, null=True, low=0, high=MOST),
    ),
    checks=("stop",),
)

REACH = Table(
    "reach",
    "可达圈",
    "Reach",
    ("network", "level", "origin_id", "within"),
    (
        _NETWORK,
        Field("level", "choice", "起点层级", "From a", choices=LEVELS),
        Field("origin_id", "id", "起点", "From"),
        _LIMIT,
        _REGION,
        Field("places", "int", "可达地点数", "Places reached", low=0),
        _PEOPLE,
        Field("share", "rate", "可达人口占比", "Share of all people", "ppm", null=True),
    ),
)

REACH_TIME = Table(
    "reach_time",
    "通行时间",
    "Time from place to place",
    ("network", "src", "dst"),
    (
        _NETWORK,
        Field("src", "id", "起点", "From"),
        Field("dst", "id", "终点", "To"),
        Field("minutes", "float", "用时", "Takes", "minutes", low=0),
        Field("departs", "int", "出发", "Departs", "minutes since midnight", null=True, low=0),
        Field("changes", "int", "换乘次数", "Changes", null=True, low=0),
        Field("people", "int", "终点人口", "People there", "people", low=0),
    ),
)

REACH_LINK = Table(
    "reach_link",
    "新增线路的作用",
    "What a link changes",
    ("network", "src", "dst", "within", "region_id"),
    (
        _NETWORK,
        Field("src", "id", "线路起点", "Link from"),
        Field("dst", "id", "线路终点", "Link to"),
        _LIMIT,
        Field("region_id", "id", "地区（*为合计）", "Region (* is the total)"),
        Field("minutes", "float", "线路用时", "Link takes", "minutes", low=0),
        Field("before", "float", "原用时", "Took before", "minutes", null=True, low=0),
        Field("pairs", "int", "新增可达对", "Pairs gained", low=0),
        Field("people", "int", "新增可达人口（按起点计）", "People gained, by origin", "people",
              low=0),
        Field("faster", "int", "加快的对", "Pairs that are faster", low=0),
        Field("saved", "float", "平均节省", "Saved on average", "minutes", null=True, low=0),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)  # fmt: skip

REACH_SUMMARY = Table(
    "reach_summary",
    "可达性小结",
    "Reach at a glance",
    ("network", "within", "region_id"),
    (
        _NETWORK,
        _LIMIT,
        Field("region_id", "id", "地区（*为合计）", "Region (* is the total)"),
        Field("origins", "int", "起点数", "Origins", low=0),
        Field("places", "int", "地点数", "Places", low=0),
        Field("weight", "int", "人口", "People", "people", low=0),
        Field("served", "int", "服务覆盖人口", "People within the limit of an origin", "people",
              low=0),
        Field("share", "rate", "服务覆盖率", "Service coverage", "ppm", null=True),
        Field("cities", "int", "达到规模的城市", "Cities of the size", low=0),
        Field("cities_served", "int", "覆盖城市", "Cities within the limit of an origin", low=0),
        Field("cities_linked", "int", "可达其他城市的城市", "Cities that another city reaches",
              low=0),
        Field("city_share", "rate", "城市覆盖率", "Share of cities linked", "ppm", null=True),
        Field("parts", "int", "连通部分数", "Parts of the network", low=0),
        Field("cut_off", "int", "与主网不连通的地点", "Places outside the main part", low=0),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)  # fmt: skip

REACH_GAP = Table(
    "reach_gap",
    "网络断点",
    "Outside the main network",
    ("network", "what", "node_id"),
    (
        _NETWORK,
        Field("what", "choice", "对象", "What", choices=("place", "station")),
        Field("node_id", "id", "编号", "Place or station"),
        _REGION,
        Field("why", "choice", "原因", "Why", choices=("other_part", "no_position", "far",
                                                      "no_trips")),
        Field("part", "id", "所在部分（以首个编号命名）", "Part, named by its first member",
              null=True),
        Field("size", "int", "该部分的成员数", "Members of the part", low=1),
        Field("weight", "int", "人口", "People", "people", low=0),
    ),
)  # fmt: skip

TABLES = (STATION, STOP_TIME, REACH, REACH_TIME, REACH_LINK, REACH_SUMMARY, REACH_GAP)
