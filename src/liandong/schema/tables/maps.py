"""The user's own base map: shapes by adcode, on a grid of whole numbers, with its approval."""

from liandong.schema.field import Field, Table

LEVELS = ("province", "city", "county")
_LEVEL = Field("level", "choice", "级别", "Level", choices=LEVELS)

BASE_MAP = Table(
    "base_map",
    "底图",
    "Base map",
    ("level",),
    (
        _LEVEL,
        # Null: none was given; such a map is not for the public.
        Field("approval", "text", "审图号", "Approval number", null=True),
        Field("file", "text", "文件", "File"),
        Field("units", "int", "单元数", "Units", low=1),
        Field("width", "int", "宽（格）", "Width, cells", low=1),
        Field("height", "int", "高（格）", "Height, cells", low=1),
    ),
)

MAP_SHAPE = Table(
    "map_shape",
    "底图图形",
    "Shape of a base map",
    ("level", "place"),
    (
        _LEVEL,
        Field("place", "int", "序号", "Place", low=1),
        Field("region_id", "region", "地区", "Region", null=True),
        Field("kind", "choice", "类型", "Kind", choices=("unit", "line")),
        Field("x", "int", "标注点横坐标", "Centre, across"),
        Field("y", "int", "标注点纵坐标", "Centre, down"),
        Field("path", "text", "路径", "Path"),
    ),
)

TABLES = (BASE_MAP, MAP_SHAPE)
