"""In words why measures of one gap disagree."""

from typing import TYPE_CHECKING

from liandong.types import PPM

if TYPE_CHECKING:
    from liandong.survey.inequality.gap import Row
    from liandong.survey.inequality.panel import Case

COMPARED = ("gini", "theil_t", "theil_l")
STILL = 1e-9
"""A change of an index below this is none."""
FAR = 0.15
"""Shares of the part between groups that differ by more are remarked upon."""
WAYS = {1: "gap.apart_up", -1: "gap.apart_down"}
SHARES = (
    ("theil_l", "between", "gap.share_theil_l"),
    ("dagum", "net_between", "gap.share_dagum"),
)
"""Other measures of the part between groups."""


def apart(rows: "list[Row]", case: "Case", before: "Case", old: "list[Row]") -> "list[Row]":
    """Remark where one index rises and another one falls since the period before.

    Parameters
    ----------
    rows, case
        Of this period.
    before, old
        The case before it in the same vintage, and its rows.
    """
    now, then = _totals(rows), _totals(old)
    moves = {n: _sign(now[n] - then[n]) for n in COMPARED if _known(now.get(n), then.get(n))}
    told = {
        name: [(f"{WAYS[sign]}({other})", 0) for other, back in moves.items()
               if sign * back < 0]
        for name, sign in moves.items()
    }  # fmt: skip
    changed = len(set(before.regions) ^ set(case.regions))
    if changed:
        told["gini"] = [*told.get("gini", []), ("gap.others", changed)]
    return [r._replace(told=(*r.told, *told.get(r.kind, ()))) if r.part == "total" else r
            for r in rows]  # fmt: skip


def measured_apart(rows: "list[Row]") -> "list[Row]":
    """Remark where the share between groups depends on the measure, with the reason why."""
    shares = {(r.kind, r.part): r.share for r in rows}
    mine = shares.get(("theil_t", "between"), float("nan"))
    told = []
    for index, part, code in SHARES:
        other = shares.get((index, part), float("nan"))
        if abs(other - mine) > FAR:  # not where either is undefined
            told.append((code, 100 * round(other * PPM / 100)))
    return [r._replace(told=(*r.told, *told)) if (r.kind, r.part) == ("theil_t", "between") else r
            for r in rows]  # fmt: skip


def _totals(rows: "list[Row]") -> dict[str, float]:
    return {r.kind: r.value for r in rows if r.part == "total"}


def _known(*values: float | None) -> bool:
    return all(v is not None and v == v for v in values)  # noqa: PLR0124 - nan is not itself


def _sign(change: float) -> int:
    return 0 if abs(change) < STILL else 1 if change > 0 else -1
