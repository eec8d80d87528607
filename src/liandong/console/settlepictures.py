"""The pictures of agreements: what every party would have, year by year."""

from typing import Any

from markupsafe import Markup

from liandong.console.cells import Cells, Column
from liandong.console.cells import columns as columns_of
from liandong.console.drawing import Axis, columns

SCALES = {
    "zh": ((10**8, "yi"), (10**4, "wan")),
    "en": ((10**9, "billion"), (10**6, "million"), (10**3, "thousand")),
}
LOOKS = ("s1", "s2", "s3", "s4", "s5")


def years(clause: dict[str, Any], c: Cells) -> tuple[str, Markup]:
    """Draw the shares of a clause as columns beside each other; return their unit, too."""
    parties, found = clause["parties"], clause["years"]
    amounts = [[y["shares"].get(p, 0) / 10 ** clause["places"] for y in found] for p in parties]
    size, word = scale_of(max((abs(v) for own in amounts for v in own), default=0), c)
    series = [
        (p, LOOKS[k % len(LOOKS)], [v / size for v in own])
        for k, (p, own) in enumerate(zip(parties, amounts, strict=True))
    ]
    unit = f"{word} {c.word('unit', clause['unit'])}".strip()
    axis = Axis.over([0, *(v for _, _, own in series for v in own)])
    return unit, columns(f"{clause['clause']}, {unit}", [y["year"] for y in found], series, axis)


def listed(clause: dict[str, Any]) -> tuple[list[Column], list[dict[str, Any]]]:
    """Return the shares of a clause as a table: its columns, and a row a year."""
    year, total = columns_of("simulated_share.period:year exact.total")
    parties = [Column("", p, "exact", {"zh": p, "en": p}, f"to.{p}") for p in clause["parties"]]
    rows = [
        {"year": y["year"], "places": clause["places"], "total": y["total"],
         **{f"to.{p}": amount for p, amount in y["shares"].items()}}
        for y in clause["years"]
    ]  # fmt: skip
    return [year, *parties, total], rows


def scale_of(most: float, c: Cells) -> tuple[int, str]:
    """Return by how much amounts are divided on the axis, and the word for it."""
    return next(
        ((size, c.word("scale", word)) for size, word in SCALES[c.lang] if most >= size), (1, "")
    )
