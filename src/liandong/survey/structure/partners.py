"""Who complements whom: what one region lacks and is close to, and another one has."""

import json

import numpy as np
from pydantic import Field

from liandong.kernels.scores.relatedness import densities
from liandong.step import Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.survey.structure.opportunities import best
from liandong.survey.structure.panel import Float, Panel, PanelRule, panels, ppm, together

EVIDENCE = 3
"""Items that are told each way."""


class PartnerRule(PanelRule):
    """Who is proposed.

    Attributes
    ----------
    most
        Partners a region.
    """

    most: int = Field(3, ge=1, le=50)


@fold(reads=("region_output", "region"), writes=("partner",), rule=PartnerRule)
def partners(tables: Tables, rule: PartnerRule) -> Tables:
    """Propose partners: each has what the other lacks, and where the other's density is high.

    What a partner brings is its share of all that a region is not strong in, weighed by the
    region's density there. The score is the geometric mean of both ways, so that a region that has
    everything, and to which nobody can bring anything, is not everybody's partner. The last period
    of each kind and vintage.
    """
    found = [_paired(p, rule) for p in panels(tables, rule, newest=True) if p.regions]
    return together(found, "partner")


def _paired(panel: Panel, rule: PartnerRule) -> Tables:
    wish = np.where(panel.free, densities(panel.holds), 0.0)
    whole = wish.sum(axis=1, keepdims=True)
    brings = np.divide(wish @ panel.holds.T, whole, out=np.zeros((len(wish),) * 2), where=whole > 0)
    score = np.sqrt(brings * brings.T)
    region, place, other = best(score, rule.most)
    pairs = list(zip(region, other, strict=True))
    return output(
        "partner",
        **panel.columns(len(region)),
        region_id=[panel.regions[r] for r in region],
        place=place,
        other_id=[panel.regions[o] for o in other],
        brings=brings[region, other],
        takes=brings[other, region],
        score=score[region, other],
        evidence=[
            json.dumps({"brings": _named(panel, wish, a, b), "takes": _named(panel, wish, b, a)},
                       ensure_ascii=False)
            for a, b in pairs
        ],
        reasons=reason_list([
            [("survey.brings", ppm(brings[a, b])), ("survey.takes", ppm(brings[b, a]))]
            for a, b in pairs
        ]),
    )  # fmt: skip


def _named(panel: Panel, wish: Float, one: int, other: int) -> list[str]:
    """Return the items that the other has, and that the one is closest to."""
    wished = np.where(panel.holds[other], wish[one], 0.0)
    order = np.argsort(-wished, kind="stable")[:EVIDENCE]
    return [panel.items[i] for i in order if wished[i] > 0]
