"""A base map of one's own: GeoJSON joined by adcode, checked for completeness, put on a grid.

Assumptions: longitude and latitude in degrees; the code of a unit is its property ``adcode``,
``region_id`` or ``code``, or the id of the feature, never its name; the line in the South China
Sea is a feature of code ``100000_JD`` or ``100000``, or one whose name holds 南海 or 境界.
All units of one level make a map. Projected by Albers (25° and 47° N, 105° E) as maps of China are.
"""

import json
from collections.abc import Iterator
from itertools import pairwise
from math import cos, radians, sin, sqrt
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from liandong.errors import DataError
from liandong.schema.arrow import build
from liandong.schema.provinces import PROVINCES
from liandong.texts import both, text, unread

CELLS = {"province": 1600, "city": 2400, "county": 3200}
"""Width of the grid; a cell is finer than a pixel of the page."""
SOUTH = 12.0
"""The islands of the South China Sea reach further south than this latitude."""
BOX = (73.0, 3.0, 136.0, 54.0)
"""Longitudes and latitudes that places of China have."""
WHOLE = frozenset({"11", "12", "31", "50", "71", "81", "82"})
"""Provinces that may stand whole on a map of cities or counties."""
Point = tuple[int, int]
Ring = list[tuple[float, float]]
_CODES = ("adcode", "region_id", "code")
_LINES = {"100000", "100000_JD"}
_SOUTH_WORDS = ("南海", "境界")


class Feature(NamedTuple):
    """One feature: its number in the file from 1, its code (empty for the line), its rings."""

    row: int
    code: str
    rings: list[Ring]
    closed: bool


class Basemap(NamedTuple):
    """A map as it was read.

    Attributes
    ----------
    level
        ``province``, ``city`` or ``county``: that of most units.
    features
        Those that can be drawn.
    faults
        Rows of ``load_error``; a map with any is not complete.
    """

    file: str
    level: str
    features: list[Feature]
    faults: list[dict[str, Any]]


def read_map(path: str | Path, known: set[str] | None = None) -> Basemap:
    """Read a GeoJSON file and tell everything that is wrong with it, row by row.

    Parameters
    ----------
    known
        Adcodes of the board's regions; other codes are told. Where it has none of the map's level
        only the province of a code is checked.

    Raises
    ------
    DataError
        If the file is no GeoJSON collection of features.
    """
    path = Path(path)
    try:
        found = json.loads(path.read_text("utf-8-sig"))
        features = list(found["features"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        what, remedy = both("fault.no_geojson", why=unread(error)), both("advice.geojson")
        raise DataError(file=path.name, what=what, remedy=remedy) from error
    faults: list[dict[str, Any]] = []
    read = [_feature(k + 1, f, faults) for k, f in enumerate(features)]
    units = [f for f in read if f is not None]
    level = _level(units)
    kept = list(_sound(units, level, known or set(), faults))
    _complete(kept, faults)
    told = [{"file": path.name, **f} for f in sorted(faults, key=lambda f: (f["row"], f["code"]))]
    return Basemap(path.name, level, kept, told)


def tables(found: Basemap, approval: str | None) -> dict[str, pa.Table]:
    """Return ``base_map`` and ``map_shape`` of a map, projected and put on the grid."""
    projected = [[[_albers(*p) for p in ring] for ring in f.rings] for f in found.features]
    xs = [x for rings in projected for ring in rings for x, _ in ring]
    ys = [y for rings in projected for ring in rings for _, y in ring]
    left, top, scale = min(xs), max(ys), CELLS[found.level] / (max(xs) - min(xs))
    shapes = []
    for feature, rings in zip(found.features, projected, strict=True):
        placed = [[(round((x - left) * scale), round((top - y) * scale)) for x, y in r]
                  for r in rings]  # fmt: skip
        at = _middle(max(placed, key=len))
        shapes.append((feature.code or None, *at, path_of(placed, closed=feature.closed)))
    codes, x, y, paths = zip(*shapes, strict=True)
    base = {"level": [found.level], "approval": [approval], "file": [found.file],
            "units": [sum(1 for c in codes if c)], "width": [CELLS[found.level] + 1],
            "height": [round((top - min(ys)) * scale) + 1]}  # fmt: skip
    shape = {"level": [found.level] * len(codes), "place": list(range(1, len(codes) + 1)),
             "region_id": codes, "kind": ["unit" if c else "line" for c in codes],
             "x": x, "y": y, "path": paths}  # fmt: skip
    return {"base_map": build("base_map", base), "map_shape": build("map_shape", shape)}


def path_of(rings: list[list[Point]], *, closed: bool) -> str:
    """Write rings on the grid as an SVG path of relative whole numbers.

    Points that say nothing (repeated, or between two others on a line) are left out, the same on
    both sides of a border. What is smaller than a cell stays as a square of one cell: no island
    is lost.

    Examples
    --------
    >>> path_of([[(0, 0), (2, 0), (4, 0), (4, 4), (0, 0)], [(9, 9), (9, 9)]], closed=True)
    'M0 0l4 0 0 4zM9 9h1v1h-1z'
    """
    written: dict[str, None] = {}
    for ring in rings:
        points = _bare([*ring, ring[0]] if closed and ring[0] != ring[-1] else ring)
        (x, y), steps = points[0], points[1:-1] if closed else points[1:]
        if len(steps) < (2 if closed else 1):
            written[f"M{x} {y}h1v1h-1z"] = None
            continue
        moves = (f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise([(x, y), *steps]))
        written[f"M{x} {y}l{' '.join(moves)}{'z' if closed else ''}"] = None
    return "".join(written).replace(" -", "-")


def _bare(ring: list[Point]) -> list[Point]:
    points: list[Point] = []
    for point in ring:
        if points and point == points[-1]:
            continue
        while len(points) > 1 and _between(points[-2], points[-1], point):
            points.pop()
        points.append(point)
    return points


def _between(a: Point, b: Point, c: Point) -> bool:
    """Tell whether b lies on the way from a to c."""
    first, second = (b[0] - a[0], b[1] - a[1]), (c[0] - b[0], c[1] - b[1])
    turns = first[0] * second[1] - first[1] * second[0]
    return turns == 0 and first[0] * second[0] + first[1] * second[1] > 0


def _middle(ring: list[Point]) -> Point:
    """Return a point inside a ring: in the middle of its widest stretch at half its height."""
    ys = [y for _, y in ring]
    at = (min(ys) + max(ys)) / 2 + 0.25  # between the rows of the grid: no corner lies on it
    cuts = sorted(
        a[0] + (at - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        for a, b in pairwise([*ring, ring[0]]) if (a[1] > at) != (b[1] > at)
    )  # fmt: skip
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False)) or [(ring[0][0], ring[0][0])]
    left, right = max(pairs, key=lambda p: p[1] - p[0])
    return round((left + right) / 2), round(at)


def _albers(lon: float, lat: float) -> tuple[float, float]:
    """Project by Albers' conic of equal area on the unit sphere (Snyder 1987, page 100)."""
    low, high = radians(25.0), radians(47.0)
    n = (sin(low) + sin(high)) / 2
    c = cos(low) ** 2 + 2 * n * sin(low)
    rho, angle = sqrt(c - 2 * n * sin(radians(lat))) / n, n * radians(lon - 105.0)
    return rho * sin(angle), sqrt(c) / n - rho * cos(angle)


def _feature(row: int, feature: Any, faults: list[dict[str, Any]]) -> Feature | None:  # noqa: ANN401 - parsed JSON
    """Read one feature; None if it has no code or nothing to draw, which is told."""
    feature = feature if isinstance(feature, dict) else {}
    own = feature.get("properties") or {}
    code = next((str(own[k]) for k in _CODES if own.get(k)), str(feature.get("id") or ""))
    named = str(own.get("name") or "")
    line = code in _LINES or (not code and any(w in named for w in _SOUTH_WORDS))
    if not line and not code:
        faults.append(_fault(row, "adcode", named or None, "map_no_code"))
        return None
    geometry = feature.get("geometry") or {}
    kind = str(geometry.get("type") or "")
    rings = list(_rings(geometry.get("coordinates") or []))
    if not rings or "Point" in kind or (not line and "Polygon" not in kind):
        faults.append(_fault(row, "geometry", kind or None, "map_no_shape"))
        return None
    west, south, east, north = BOX
    away = next((p for r in rings for p in r
                 if not (west <= p[0] <= east and south <= p[1] <= north)), None)  # fmt: skip
    if away:
        faults.append(_fault(row, "geometry", f"{away[0]}, {away[1]}", "map_outside"))
        return None
    return Feature(row, "" if line else code, rings, "Polygon" in kind)


def _rings(found: Any) -> Iterator[Ring]:  # noqa: ANN401 - parsed JSON
    """Yield the rings or lines of nested coordinates; what is no list of places gives none."""
    parts = found if isinstance(found, list) else []
    if parts and all(_is_place(p) for p in parts):
        yield [(float(p[0]), float(p[1])) for p in parts]
    else:
        for part in parts:
            yield from _rings(part)


def _is_place(found: Any) -> bool:  # noqa: ANN401 - parsed JSON
    pair = found[:2] if isinstance(found, list) else []
    return len(pair) == 2 and all(isinstance(v, int | float) for v in pair)


def _level(units: list[Feature]) -> str:
    levels = [_level_of(f.code) for f in units if f.code]
    return max(dict.fromkeys(levels), key=levels.count, default="province")


def _level_of(code: str) -> str:
    return "province" if code[2:] == "0000" else "city" if code[4:] == "00" else "county"


def _sound(
    units: list[Feature], level: str, known: set[str], faults: list[dict[str, Any]]
) -> Iterator[Feature]:
    """Yield the features whose code is right and new; the others are told.

    Province-governed cities and counties stand on a map of cities, with codes of counties.
    """
    provinces, seen = {p.adcode[:2] for p in PROVINCES}, set()
    listed = {k for k in known if _level_of(k) == level}
    for f in units:
        if not f.code:
            yield f
            continue
        if not (f.code.isascii() and f.code.isdigit() and len(f.code) == 6):
            faults.append(_fault(f.row, "adcode", f.code, "map_bad_code"))
        elif f.code[:2] not in provinces or (
            listed and _level_of(f.code) == level and f.code not in listed
        ):
            faults.append(_fault(f.row, "adcode", f.code, "map_unknown_code"))
        elif f.code in seen:
            faults.append(_fault(f.row, "adcode", f.code, "map_twice"))
        elif (_level_of(f.code) == "province") != (level == "province") and (
            level == "province" or f.code[:2] not in WHOLE
        ):
            faults.append(_fault(f.row, "adcode", f.code, "map_other_level"))
        else:
            seen.add(f.code)
            yield f


def _complete(kept: list[Feature], faults: list[dict[str, Any]]) -> None:
    """Tell what a map of China may not lack: provincial units, the line, the southern islands."""
    there = {f.code[:2] for f in kept}
    faults.extend(
        _fault(0, "adcode", f"{p.adcode} {p.zh}", "map_lacks_unit")
        for p in PROVINCES if p.adcode[:2] not in there
    )  # fmt: skip
    if all(f.code for f in kept):
        faults.append(_fault(0, "adcode", "100000_JD", "map_lacks_line"))
    south = [lat for f in kept if f.code[:2] == "46" for ring in f.rings for _, lat in ring]
    if min(south, default=SOUTH) >= SOUTH:
        faults.append(_fault(0, "geometry", "460000", "map_lacks_islands"))


def _fault(row: int, field: str, value: str | None, code: str) -> dict[str, Any]:
    told = {
        f"{what}_{lang}": text(f"{group}.{code}", lang, field=field, value=value or "")
        for what, group in (("reason", "check"), ("remedy", "remedy")) for lang in ("zh", "en")
    }  # fmt: skip
    return {"row": row, "field": field, "value": value, "code": code, **told}
