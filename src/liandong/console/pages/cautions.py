"""What to be wary of in a scorecard: each a code of the texts, with its figures."""

from collections.abc import Iterator

from liandong.console.reading import Row

Caution = tuple[str, Row]
"""A code and the values that its words name."""

FEW = 100
"""Fewer defaults than this leave every figure wide."""
SHIFTED = 0.25
"""Stability index above which a distribution counts as another one (Siddiqi 2006)."""
FLATTERED = 0.05
"""Loss of AUC on firms not seen that says that a scorecard learnt its sample by heart."""
DOUBTFUL = 0.05
"""Probability below which forecasts and defaults do not go together by chance."""
FOUR_FIFTHS = 0.8
"""Approval ratio below which a group counts as adversely affected."""
_ELSEWHERE = ("out_of_time", "out_of_sample", "backtest")


def cautions(found: Row) -> list[Row]:
    """Return the cautions of a model page's data, the gravest first.

    Each has a ``code`` (of the texts ``console.caution_CODE``) and the values it names.
    """
    return [{"code": code, "values": values} for code, values in _found(found)]


def _found(found: Row) -> Iterator[Caution]:
    used = {c["measure"] for c in found["card"]["characteristics"]}
    for leak in found["leaks"]:
        if leak["verdict"] == "suspect" and leak["measure"] in used:
            yield "leak", {"measure": leak["measure"]}
    yield from _seen(found)
    yield from _weak(found)
    if found["card"]["bads"] < FEW:
        yield "few_bads", {"n": found["card"]["bads"]}
    yield from _calibration(found)
    for r in (found["drift"] or {"rows": []})["rows"]:
        if r["psi"] > SHIFTED:
            yield "shifted", {"measure": r["measure"], "psi": r["psi"]}
    yield from _unequal(found)


def _seen(found: Row) -> Iterator[Caution]:
    """Yield what is wrong with the samples: none, none but the one it was learnt from, flattery."""
    area = {
        s["sample"]: s["figures"]["auc"]["value"]
        for s in reversed(found["samples"])
        if "auc" in s["figures"]
    }
    if not area:
        yield "not_validated", {}
    elif not any(s in area for s in _ELSEWHERE):
        yield "no_other_sample", {}
    if "unknown" in area:
        yield "unknown_sample", {}
    if {"development", "out_of_fold"} <= area.keys():
        loss = area["development"] - area["out_of_fold"]
        if loss > FLATTERED:
            yield "flattered", {"seen": area["development"], "unseen": area["out_of_fold"]}


def _weak(found: Row) -> Iterator[Caution]:
    """Yield the unseen samples on which the scorecard may tell nothing at all."""
    for s in found["samples"]:
        area = s["figures"].get("auc")
        if s["sample"] in (*_ELSEWHERE, "out_of_fold") and area and (area["low"] or 0) <= 0.5:
            yield "weak", {"sample": s["sample"], "auc": area["value"]}


def _calibration(found: Row) -> Iterator[Caution]:
    shown = found["shown"]
    own = [s["figures"] for s in found["samples"] if shown and s["key"] == shown["key"]]
    figures: Row = own[0] if own else {}
    low = figures.get("jeffreys_p")
    if low and low["value"] < DOUBTFUL / 2:
        yield "too_low", {"sample": shown["sample"]}
    if low and low["value"] > 1 - DOUBTFUL / 2:
        yield "too_high", {"sample": shown["sample"]}
    fit = figures.get("hosmer_lemeshow_p")
    if fit and fit["value"] < DOUBTFUL:
        yield "miscalibrated", {"sample": shown["sample"]}


def _unequal(found: Row) -> Iterator[Caution]:
    for kind in ("size", "region"):
        for group in found[kind]:
            ratio = group["figures"].get("impact_ratio")
            if ratio and ratio["high"] is not None and ratio["high"] < FOUR_FIFTHS:
                yield "adverse", {"kind": kind, "group": group["name"], "ratio": ratio["value"]}
