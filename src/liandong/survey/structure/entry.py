"""What regions will become strong in, told only beside what simple baselines would have told."""

from typing import NamedTuple

import numpy as np
from pydantic import Field

from liandong.kernels.scores.logit import fit_logit
from liandong.kernels.scores.relatedness import densities
from liandong.kernels.scores.roc import Z95, clustered
from liandong.schema.arrow import known
from liandong.schema.tables.structure import MODELS, VERDICTS
from liandong.step import Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.survey.structure.opportunities import best
from liandong.survey.structure.panel import (
    Bool,
    Caution,
    Float,
    Int,
    Panel,
    PanelRule,
    caution_table,
    panels,
    ppm,
    together,
)

RIDGE = 1e-3
"""Just enough for a minimum where classes can be separated."""
CLAIM = {"better": "survey.entry_better", "not_better": "survey.entry_not_better"}
"""What a forecast says of itself, by the verdict on its model."""
Said = tuple[tuple[str, str, str], Caution]


class EntryRule(PanelRule):
    """What is foretold.

    Attributes
    ----------
    horizon
        Years from what is known to what is foretold.
    most
        Items a region.
    least_entries
        Entries that learning and testing need, each.
    """

    horizon: int = Field(5, ge=1, le=50)
    most: int = Field(5, ge=1, le=50)
    least_entries: int = Field(20, ge=2)


class _Candidates(NamedTuple):
    """Items that regions are not strong in at a time: where, what speaks for them, what came.

    The features are density, popularity, present advantage (each of them a baseline) and the
    diversity of the region.
    """

    region: Int
    item: Int
    features: Float
    entered: Bool


@fold(
    reads=("region_output", "region"),
    writes=("entry_forecast", "entry_test", "survey_caution"),
    rule=EntryRule,
)
def entry(tables: Tables, rule: EntryRule) -> Tables:
    """Foretell which items regions will be strong in, and test it against simple rules.

    A logistic regression on density, ubiquity, present advantage and diversity learns from the
    years t - 2h to t - h, and is judged on t - h to t, with t the last period of a kind and vintage
    and h the horizon. Beside it stand density alone, popularity alone (ubiquity) and the present
    advantage alone, each by the area under its curve (a logistic regression on it alone has the
    same) with a 95 % interval that lets items of one region depend on each other. The verdict on a
    baseline is ``better`` if the interval of the lead over it lies above 0, and that on the model
    if it does for all three; else the forecast says ``not_better``, and so does a caution. The
    forecast itself learns from t - h to t.
    """
    found: list[Tables] = []
    said: list[Said] = []
    for course in _courses(tables, rule):
        last = course[max(course)]
        made = _foretold(course, rule)
        if isinstance(made, Caution):
            said.append((last.key, made))
            continue
        found.append(made)
        if made["entry_test"]["verdict"][0].as_py() == "not_better":
            lead = made["entry_test"]["lead"].drop_null().to_numpy().min()
            said.append((last.key, Caution("not_better", len(made["entry_forecast"]), lead)))
    made = together(found, "entry_forecast", "entry_test")
    return {**made, **caution_table("entry_test", said)}


def _courses(tables: Tables, rule: PanelRule) -> list[dict[int, Panel]]:
    """Return the panels of each kind and vintage by year."""
    found: dict[tuple[str, str], dict[int, Panel]] = {}
    for panel in panels(tables, rule):
        if panel.period.isdigit() and panel.regions:
            found.setdefault((panel.kind, panel.vintage), {})[int(panel.period)] = panel
    return list(found.values())


def _foretold(course: dict[int, Panel], rule: EntryRule) -> Tables | Caution:
    last = max(course)
    when = [last - k * rule.horizon for k in (2, 1, 0)]
    if any(t not in course for t in when):
        return Caution("too_few_periods", len(course))
    first, middle, now = (course[t] for t in when)
    learnt, judged = _candidates(first, middle), _candidates(middle, now)
    entries = min(int(learnt.entered.sum()), int(judged.entered.sum()))
    if entries < rule.least_entries:
        return Caution("too_few_entries", entries)
    risks = np.vstack([_chance(learnt, judged.features), judged.features.T[: len(MODELS) - 1]])
    test = _tested(now, risks, judged, rule)
    verdict = test["entry_test"]["verdict"][0].as_py()  # of the model, which is the first
    return {**test, **_forecast(now, judged, rule, verdict)}


def _candidates(panel: Panel, later: Panel | None) -> _Candidates:
    """Return what regions were not strong in, and what they were strong in later.

    Regions and items that one of both panels lacks, and cells that are hidden in one of both, tell
    nothing.
    """
    free = panel.free.copy()
    after = np.zeros(free.shape, bool)
    if later is not None:
        rows, columns = (_places(a, b) for a, b in
                         ((panel.regions, later.regions), (panel.items, later.items)))  # fmt: skip
        there = np.ix_(rows >= 0, columns >= 0)
        at = np.ix_(rows[rows >= 0], columns[columns >= 0])
        seen = np.zeros(free.shape, bool)
        after[there], seen[there] = later.holds[at], ~later.hidden[at]
        free &= seen
    region, item = np.nonzero(free)
    features = np.stack([
        densities(panel.holds)[region, item], panel.holds.mean(axis=0)[item],
        np.sqrt(panel.rca[region, item]), panel.holds.mean(axis=1)[region],
    ], axis=1)  # fmt: skip
    return _Candidates(region, item, features, after[region, item])


def _places(names: list[str], others: list[str]) -> Int:
    at = {n: k for k, n in enumerate(others)}
    return np.array([at.get(n, -1) for n in names], np.int64)


def _chance(learnt: _Candidates, features: Float) -> Float:
    """Return the chance of entry by what was learnt."""
    mean, spread = learnt.features.mean(axis=0), learnt.features.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    beta = fit_logit((learnt.features - mean) / spread, learnt.entered.astype(np.float64), RIDGE)
    return np.asarray(1 / (1 + np.exp(-(beta[0] + (features - mean) / spread @ beta[1:]))))


def _tested(now: Panel, risks: Float, judged: _Candidates, rule: EntryRule) -> Tables:
    areas, spread = clustered(risks, judged.entered, judged.region)
    width = Z95 * np.sqrt(np.diag(spread))
    lead = areas[0] - areas[1:]
    # The variance of a difference; nan if everything happens in one region: then nothing is better.
    apart = Z95 * np.sqrt(np.maximum(spread[0, 0] + np.diag(spread)[1:] - 2 * spread[0, 1:], 0))
    better = lead - apart > 0
    return output(
        "entry_test",
        **now.columns(len(MODELS)),
        horizon=[rule.horizon] * len(MODELS),
        model=MODELS,
        cells=[len(judged.region)] * len(MODELS),
        entries=[int(judged.entered.sum())] * len(MODELS),
        auc=areas,
        low=known(np.maximum(areas - width, 0)),
        high=known(np.minimum(areas + width, 1)),
        lead=known(np.append(np.nan, lead)),
        lead_low=known(np.append(np.nan, lead - apart)),
        lead_high=known(np.append(np.nan, lead + apart)),
        verdict=[VERDICTS[0 if b else 1] for b in (better.all(), *better)],
    )


def _forecast(now: Panel, learnt: _Candidates, rule: EntryRule, verdict: str) -> Tables:
    asked = _candidates(now, None)
    chance = np.zeros(now.value.shape)
    near = chance.copy()
    chance[asked.region, asked.item] = _chance(learnt, asked.features)
    near[asked.region, asked.item] = asked.features[:, 0]
    region, place, item = best(chance, rule.most)
    return output(
        "entry_forecast",
        **now.columns(len(region)),
        region_id=[now.regions[r] for r in region],
        place=place,
        item=[now.items[i] for i in item],
        horizon=[rule.horizon] * len(region),
        chance=chance[region, item],
        density=near[region, item],
        verdict=[verdict] * len(region),
        reasons=reason_list([
            [("survey.near", ppm(near[r, i])), (CLAIM[verdict], 0)]
            for r, i in zip(region, item, strict=True)
        ]),
    )  # fmt: skip
