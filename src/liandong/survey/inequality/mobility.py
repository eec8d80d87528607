"""Who moves up and down among the regions, and whether their neighbours matter."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.statistics import markov, resampling
from liandong.schema.arrow import known
from liandong.step import Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.survey.inequality.around import weights
from liandong.survey.inequality.panel import (
    READS,
    Panel,
    RegionalRule,
    Told,
    cases,
    named,
    panels,
    places,
)

Int = NDArray[np.int64]
SURE = 0.05
"""Where two p-values lie on either side of this, they disagree."""


class MobilityRule(RegionalRule):
    """What is compared, and in how many classes.

    Attributes
    ----------
    classes
        Classes of equal size, of regions and of their neighbours.
    """

    classes: int = 5


class _Moves(NamedTuple):
    """Moves of one vintage.

    Attributes
    ----------
    counts
        Shape (classes of neighbours + 1, classes, classes); the first of all moves together.
    found
        The test; None if there are no neighbours or no moves.
    """

    panel: Panel
    counts: list[Int]
    found: markov.Spatial | None
    told: Told


@fold(
    reads=(*READS, "neighbour"),
    writes=("mobility", "mobility_class", "mobility_test"),
    rule=MobilityRule,
)
def mobility(tables: Tables, rule: MobilityRule) -> Tables:
    """Count how regions move between classes from one year to the next, by vintage.

    ``given`` 0 counts all moves between the quantiles of each year. The others tell moves apart by
    the class of the neighbours before, with quantiles of figures relative to the mean of their year
    over all years together; a region without neighbours does not take part in them. Q and LR say
    whether neighbours matter, ``p_permuted`` how often they seem to when regions are dealt out over
    the places. Only the longest run of evenly spaced years counts.
    """
    groups = places(tables["region"], rule)
    found = [p for p in panels(cases(tables, rule, groups), even=True)
             if len(p.periods) > 1 and len(p.regions) > 1]  # fmt: skip
    moves = [_moves(p, tables, rule) for p in found]
    return {**_mobility(moves, rule), **_classes(moves, rule), **_tests(moves, rule)}


def _moves(panel: Panel, tables: Tables, rule: MobilityRule) -> _Moves:
    own = np.column_stack([markov.classed(v, markov.cuts(v, rule.classes)) for v in panel.values.T])
    here, kinds = np.arange(len(own)), int(own.max()) + 1
    plain = markov.transitions(np.zeros_like(own), own, here, 1, kinds)[0]
    near = weights(tables["neighbour"], panel.regions)
    lonely = [r for r, alone in zip(panel.regions, near.lonely, strict=True) if alone]
    told = [*named("space.lonely", lonely), *panel.told]
    tied = np.flatnonzero(~near.lonely)
    if not len(tied):
        return _Moves(panel, [plain], None, [("space.nobody", 0), *panel.told])
    relative = panel.values / panel.values.mean(axis=0)
    regions = [panel.regions[i] for i in tied]
    random = np.random.default_rng(rule.seed)
    orders = resampling.shuffled(np.arange(len(tied)), rule.draws, random)
    found = markov.spatial_markov(
        relative[tied], weights(tables["neighbour"], regions), rule.classes, orders
    )
    return _Moves(panel, [plain, *found.counts], found, told)


def _mobility(moves: list[_Moves], rule: MobilityRule) -> Tables:
    rows = []
    for m in moves:
        for given, counts in enumerate(m.counts):
            p = markov.probabilities(counts)
            rows += [
                (m.panel.label, given, a + 1, b + 1, int(counts[a, b]), float(p[a, b]))
                for a in range(len(counts))
                for b in range(len(counts))
            ]
    names = ("vintage", "given", "origin", "target", "count")
    return output(
        "mobility",
        measure=[rule.measure] * len(rows),
        **{n: [r[k] for r in rows] for k, n in enumerate(names)},
        probability=known([r[5] for r in rows]),
    )


def _classes(moves: list[_Moves], rule: MobilityRule) -> Tables:
    rows = []
    for m in moves:
        for given, counts in enumerate(m.counts):
            p = markov.probabilities(counts)
            steady = markov.steady(p)
            for a in range(len(counts)):
                stays = 1 / (1 - p[a, a]) if p[a, a] < 1 else np.nan
                rows.append((m.panel.label, given, a + 1, int(counts[a].sum()), steady[a], stays))
    names = ("vintage", "given", "origin", "count")
    return output(
        "mobility_class",
        measure=[rule.measure] * len(rows),
        **{n: [r[k] for r in rows] for k, n in enumerate(names)},
        **{n: known([float(r[4 + k]) for r in rows]) for k, n in enumerate(("steady", "years"))},
    )


def _tests(moves: list[_Moves], rule: MobilityRule) -> Tables:
    rows: list[tuple[Panel, str, int, Told]] = []
    figures: list[tuple[float, float, float]] = []
    for m in moves:
        for k, test in enumerate(("q", "lr")):
            value, p, permuted, dof = np.nan, np.nan, np.nan, 0
            if m.found is not None:
                value, dof = float(m.found.test[k]), m.found.test.dof
                p, permuted = m.found.test.p[k], m.found.permuted[k]
            rows.append((m.panel, test, dof, [*_verdict(p, permuted), *m.told]))
            figures.append((value, p, permuted))
    return output(
        "mobility_test",
        measure=[rule.measure] * len(rows),
        vintage=[r[0].label for r in rows],
        test=[r[1] for r in rows],
        first=[r[0].periods[0] for r in rows],
        last=[r[0].periods[-1] for r in rows],
        regions=[len(r[0].regions) for r in rows],
        dof=[r[2] for r in rows],
        **{n: known([f[k] for f in figures]) for k, n in enumerate(("value", "p", "p_permuted"))},
        reasons=reason_list([r[3] for r in rows]),
    )


def _verdict(p: float, permuted: float) -> Told:
    """Say whether neighbours matter; of two laws that disagree the permutation counts."""
    counts = p if np.isnan(permuted) else permuted
    if np.isnan(counts):
        return [("mobility.untested", 0)]
    apart = p <= SURE < permuted or permuted <= SURE < p
    told = [("mobility.matters" if counts <= SURE else "mobility.chance", 0)]
    return [*told, ("mobility.tests_apart", 0)] if apart else told
