"""How complex what regions make is, with the cause named where it cannot be told."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from liandong.kernels.scores.complexity import (
    Complexity,
    fitness,
    parts,
    rank_interval,
    ranks,
)
from liandong.schema.arrow import known
from liandong.step import Tables, fold, output
from liandong.survey.structure.panel import (
    Caution,
    Panel,
    PanelRule,
    caution_table,
    judged,
    panels,
    together,
)

Int = NDArray[np.int64]


class ComplexityRule(PanelRule):
    """How complexity is measured.

    Attributes
    ----------
    updates
        How often fitness is renewed.
    draws
        Draws of the items for the intervals of the ranks; 0: no intervals.
    seed
        Of the draws.
    """

    updates: int = Field(20, ge=1, le=1_000)
    draws: int = Field(200, ge=0, le=10_000)
    seed: int = Field(1, ge=0)


@fold(
    reads=("region_output", "region"),
    writes=("complexity", "complexity_panel", "item_complexity", "survey_caution"),
    rule=ComplexityRule,
)
def complexity(tables: Tables, rule: ComplexityRule) -> Tables:
    """Measure the complexity of regions and items, and their fitness.

    Each kind of output, period and vintage stands alone. The last period of each kind and vintage
    has intervals of the ranks, from a bootstrap of the items. Where complexity is not defined it
    is null, nobody has a rank, and ``survey_caution`` names the cause; what else speaks against a
    figure is named there too. Hidden cells count as no advantage, and at random in the bootstrap.
    """
    every = list(panels(tables, rule))
    last = {(p.kind, p.vintage): p.period for p in every}
    told: list[Tables] = []
    said: list[tuple[tuple[str, str, str], Caution]] = []
    for panel in every:
        found, why = judged(panel, rule)
        draws = rule.draws if last[panel.kind, panel.vintage] == panel.period else 0
        told.append({
            **_regions(panel, found, rule, draws), **_items(panel, found),
            **_stands_on(panel, found, rule, defined=not why and bool(panel.regions)),
        })  # fmt: skip
        said += [(panel.key, c) for c in (*panel.cautions, *why)]
    made = together(told, "complexity", "complexity_panel", "item_complexity")
    return {**made, **caution_table("complexity", said)}


def _regions(panel: Panel, found: Complexity, rule: ComplexityRule, draws: int) -> Tables:
    fit = np.zeros(0)
    if panel.regions:
        fit, _ = fitness(panel.holds, rule.updates)
    low = high = np.zeros(len(panel.regions), np.int64)
    if draws and not np.isnan(found.places).any() and panel.regions:
        rng = np.random.default_rng(rule.seed)
        low, high = rank_interval(panel.holds, panel.hidden, draws, rng)
    rank = ranks(found.places)
    return output(
        "complexity",
        **panel.columns(len(panel.regions)),
        region_id=panel.regions,
        total=panel.value.sum(axis=1),
        diversity=panel.holds.sum(axis=1),
        eci=known(found.places),
        rank=_above_zero(rank),
        # The figure itself is one of those that could have been.
        rank_low=_above_zero(np.minimum(low, rank)),
        rank_high=_above_zero(np.where(high > 0, np.maximum(high, rank), 0)),
        fitness=fit,
        fitness_rank=ranks(fit),
    )


def _items(panel: Panel, found: Complexity) -> Tables:
    return output(
        "item_complexity",
        **panel.columns(len(panel.items)),
        item=panel.items,
        total=panel.value.sum(axis=0),
        ubiquity=panel.holds.sum(axis=0),
        pci=known(found.fields),
        rank=_above_zero(ranks(found.fields)),
    )


def _stands_on(panel: Panel, found: Complexity, rule: ComplexityRule, *, defined: bool) -> Tables:
    figures = (found.second, found.third, 1 - found.third / found.second if found.second else 0.0,
               found.sign)  # fmt: skip
    return output(
        "complexity_panel",
        **panel.columns(1),
        regions=[len(panel.regions)],
        items=[len(panel.items)],
        advantages=[int(panel.holds.sum())],
        parts=[len(np.unique(parts(panel.holds)))],
        updates=[rule.updates],
        **{n: known(np.array([v])) for n, v in
           zip(("second", "third", "gap", "sign"), figures, strict=True)},
        defined=[defined],
    )  # fmt: skip


def _above_zero(rank: Int) -> pa.Array:
    return pa.array(rank, mask=rank == 0)
