"""What a region could make next: items close to its own strengths, and complex."""

import json

import numpy as np
from pydantic import Field

from liandong.kernels.scores.relatedness import densities, proximity
from liandong.schema.arrow import known
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

EVIDENCE = 3
"""Related items that are told."""


class OpportunityRule(PanelRule):
    """What is proposed.

    Attributes
    ----------
    most
        Items a region.
    """

    most: int = Field(20, ge=1, le=200)


@fold(reads=("region_output", "region"), writes=("opportunity",), rule=OpportunityRule)
def opportunities(tables: Tables, rule: OpportunityRule) -> Tables:
    """Propose items that a region is not strong in, but strong in what is related to them.

    The score is the density of what is related times the standing of the item's complexity (the
    share of items that are not more complex); density alone where complexity is not defined. Hidden
    cells are not proposed: the region may be strong there already. The last period of each kind and
    vintage.
    """
    found = [_proposed(p, rule) for p in panels(tables, rule, newest=True) if p.regions]
    return together(found, "opportunity")


def _proposed(panel: Panel, rule: OpportunityRule) -> Tables:
    near = densities(panel.holds)
    standing = _standing(judged(panel, rule)[0].fields)
    score = np.where(panel.free, near * np.nan_to_num(standing, nan=1.0), 0.0)
    region, place, item = best(score, rule.most)
    asked, column = np.unique(item, return_inverse=True)
    related = proximity(panel.holds, asked)
    related[asked, np.arange(len(asked))] = 0.0
    return output(
        "opportunity",
        **panel.columns(len(region)),
        region_id=[panel.regions[r] for r in region],
        place=place,
        item=[panel.items[i] for i in item],
        rca=panel.rca[region, item],
        density=near[region, item],
        complexity=known(standing[item]),
        score=score[region, item],
        evidence=[_evidence(panel, r, related[:, c])
                  for r, c in zip(region, column, strict=True)],
        reasons=reason_list([
            _reasons(near[r, i], standing[i]) for r, i in zip(region, item, strict=True)
        ]),
    )  # fmt: skip


def best(score: Float, most: int) -> tuple[Int, Int, Int]:
    """Return the highest scores above 0 of each row: its row, their place from 1, their column.

    Examples
    --------
    >>> [a.tolist() for a in best(np.array([[0.0, 2.0, 3.0], [1.0, 0.0, 0.0]]), 2)]
    [[0, 0, 1], [1, 2, 1], [2, 1, 0]]
    """
    order = np.argsort(-score, axis=1, kind="stable")[:, :most]
    row, place = np.nonzero(np.take_along_axis(score, order, axis=1) > 0)
    return row, place + 1, order[row, place]


def _standing(fields: Float) -> Float:
    """Return the share of items that are not more complex; nan where that is not defined."""
    below = np.searchsorted(np.sort(fields), fields, side="right") / max(len(fields), 1)
    return np.where(np.isnan(fields), np.nan, below)


def _evidence(panel: Panel, region: int, related: Float) -> str:
    held = np.where(panel.holds[region], related, 0.0)
    found = [
        {"item": panel.items[i], "proximity": round(float(held[i]), 4),
         "rca": round(float(panel.rca[region, i]), 4)}
        for i in np.argsort(-held, kind="stable")[:EVIDENCE] if held[i] > 0
    ]  # fmt: skip
    return json.dumps(found, ensure_ascii=False)


def _reasons(near: float, standing: float) -> list[tuple[str, int]]:
    told = [("survey.near", ppm(near))]
    if np.isnan(standing):
        return [*told, ("survey.complexity_unknown", 0)]
    return [*told, ("survey.complex", ppm(standing))]
