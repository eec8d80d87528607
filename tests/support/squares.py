"""A base map made of squares: every provincial unit, the line and islands in the south."""

import json
from pathlib import Path
from typing import Any

from liandong.schema.provinces import PROVINCES


def square(lon: float, lat: float, side: float = 1.0) -> list[list[list[float]]]:
    """Return the rings of a square."""
    east, north = lon + side, lat + side
    return [[[lon, lat], [east, lat], [east, north], [lon, north], [lon, lat]]]


def unit(code: str, rings: list[Any], **more: Any) -> dict[str, Any]:
    """Return a feature of one polygon."""
    return {"type": "Feature", "properties": {"adcode": code, **more},
            "geometry": {"type": "Polygon", "coordinates": rings}}  # fmt: skip


def china() -> list[dict[str, Any]]:
    """Return the features of a complete map."""
    found = []
    for k, p in enumerate(PROVINCES):
        found.append(unit(p.adcode, square(90 + 2 * (k % 8), 22 + 2 * (k // 8)), name="鼓楼"))
    hainan = next(f for f in found if f["properties"]["adcode"] == "460000")
    own = hainan["geometry"]["coordinates"]
    hainan["geometry"] = {"type": "MultiPolygon", "coordinates": [own, square(112, 5, 1e-4)]}
    line = {"type": "LineString", "coordinates": [[109, 16], [110, 10]]}
    jd = {"type": "Feature", "properties": {"adcode": "100000_JD"}, "geometry": line}
    return [*found, jd]


def written(path: Path, features: list[Any]) -> Path:
    """Write features as a GeoJSON file."""
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path
