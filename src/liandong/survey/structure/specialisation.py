"""How special the structure of regions is, how concentrated items are, and who repeats whom."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from liandong.kernels.scores.specialisation import cosines, hoover, krugman_pairs
from liandong.kernels.scores.specialisation import specialisation as special
from liandong.step import Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.survey.structure.panel import (
    Float,
    Int,
    Panel,
    PanelRule,
    judged,
    panels,
    ppm,
    together,
)
from liandong.types import Rate

EVIDENCE = 5
"""Shared items that are told."""


class SpecialisationRule(PanelRule):
    """What is compared.

    Attributes
    ----------
    nearest
        Regions of the likest structure that are told of each region.
    alike
        Cosine of the shares from which two structures are alike.
    """

    nearest: int = Field(5, ge=1, le=100)
    alike: Rate = Rate(900_000)


@fold(
    reads=("region_output", "region", "region_stat"),
    writes=("structure", "structure_pair", "concentration"),
    rule=SpecialisationRule,
)
def specialisation(tables: Tables, rule: SpecialisationRule) -> Tables:
    """Measure how special regions are, how concentrated items, and which regions are alike.

    Items are compared with the population of the regions in the period if ``region_stat`` has all
    of it, else with all that they make.

    Pairs have a warning: ``alike`` if their shares have a high cosine, ``low_level`` if moreover
    the items that both are strong in are on the mean less complex than the median item: both repeat
    what many can make. Hidden cells count as nothing. Pairs are told of the last period of each
    kind and vintage.
    """
    made = list(panels(tables, rule))
    last = {(p.kind, p.vintage): p.period for p in made}  # periods rise
    every = [p for p in made if p.regions]
    newest = [p for p in every if p.period == last[p.kind, p.vintage]]
    return {
        **together([_structure(p) for p in every], "structure"),
        **together([_pairs(p, rule) for p in newest], "structure_pair"),
        **together([_concentration(p, tables["region_stat"]) for p in every], "concentration"),
    }


def _structure(panel: Panel) -> Tables:
    found = special(panel.value)
    top = panel.rca.argmax(axis=1)
    return output(
        "structure",
        **panel.columns(len(panel.regions)),
        region_id=panel.regions,
        items=(panel.value > 0).sum(axis=1),
        top_item=[panel.items[i] for i in top],
        top_lq=panel.rca[np.arange(len(top)), top],
        krugman=found.krugman,
        specialisation=found.coefficient,
        hachman=found.hachman,
        entropy=found.entropy,
        herfindahl=found.herfindahl,
    )


def _concentration(panel: Panel, stat: pa.Table) -> Tables:
    people = _people(panel, stat)
    base = panel.value.sum(axis=1) if people is None else people
    found = [hoover(column, base) for column in panel.value.T]
    return output(
        "concentration",
        **panel.columns(len(panel.items)),
        item=panel.items,
        base=["output" if people is None else "population"] * len(panel.items),
        regions=[len(panel.regions)] * len(panel.items),
        hoover=[f[0] for f in found],
        hoover_gini=[f[1] for f in found],
    )


def _people(panel: Panel, stat: pa.Table) -> Float | None:
    """Return the people of each region in the last vintage; None unless all are known."""
    rows = stat.filter(
        pc.and_(pc.equal(stat["measure"], "population"), pc.equal(stat["period"], panel.period))
    )
    last = pc.max(rows["vintage"])
    rows = rows.filter(pc.equal(rows["vintage"], last))
    at = pc.index_in(pa.array(panel.regions, pa.string()), value_set=rows["region_id"])
    if at.null_count or len(pc.unique(rows["unit"])) != 1:
        return None
    found: Float = rows["value"].take(at).to_numpy()
    return found if (found > 0).all() else None


def _pairs(panel: Panel, rule: SpecialisationRule) -> Tables:
    likeness = cosines(panel.value)
    one, other = _nearest(likeness, rule.nearest)
    pci = judged(panel, rule)[0].fields
    shared = [np.flatnonzero(panel.holds[a] & panel.holds[b])
              for a, b in zip(one, other, strict=True)]  # fmt: skip
    level = [_level(pci, s) for s in shared]
    alike = likeness[one, other] >= rule.alike / 1e6
    warning = ["none" if not a else "low_level" if low else "alike"
               for a, low in zip(alike, level, strict=True)]  # fmt: skip
    return output(
        "structure_pair",
        **panel.columns(len(one)),
        region_id=[panel.regions[a] for a in one],
        other_id=[panel.regions[b] for b in other],
        cosine=likeness[one, other],
        krugman=krugman_pairs(panel.value, one, other),
        shared=[len(s) for s in shared],
        warning=warning,
        evidence=[_told(panel, s, a) for s, a in zip(shared, one, strict=True)],
        reasons=reason_list([
            _reasons(w, c) for w, c in zip(warning, likeness[one, other], strict=True)
        ]),
    )  # fmt: skip


def _nearest(likeness: Float, most: int) -> tuple[Int, Int]:
    """Return the pairs in which one is among the likest of the other, each once."""
    apart = likeness.copy()
    np.fill_diagonal(apart, -1.0)
    most = min(most, len(apart) - 1)
    near = np.argsort(-apart, axis=1, kind="stable")[:, :most]
    a, b = np.repeat(np.arange(len(apart)), most), near.ravel()
    pairs = np.unique(np.stack([np.minimum(a, b), np.maximum(a, b)], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _level(pci: Float, shared: Int) -> bool:
    """Tell whether shared items are on the mean below the median; unknown is not below."""
    return bool(len(shared) and pci[shared].mean() < np.median(pci))


def _told(panel: Panel, shared: Int, region: int) -> str:
    order = shared[np.argsort(-panel.value[region, shared], kind="stable")][:EVIDENCE]
    return json.dumps([panel.items[i] for i in order], ensure_ascii=False)


def _reasons(warning: str, cosine: float) -> list[tuple[str, int]]:
    found = [("survey.alike", ppm(cosine))]
    return found + ([("survey.low_level", 0)] if warning == "low_level" else [])
