"""How coordinated the subsystems of regions are, and how much of that is a choice of method."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from liandong.errors import UnfitError
from liandong.kernels.scores.coupling import Form, entropy_weights, evenness
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.survey.regions import Figures, Level, Said, belts, figures, lacking, vintages
from liandong.texts import both
from liandong.types import PPM, Rate

Float = NDArray[np.float64]
Scaling = Literal["minmax", "rank", "bounds"]
Weighting = Literal["equal", "entropy"]
_FLOOR = 1e-12


class Indicator(BaseModel):
    """A figure that says how far a subsystem is developed.

    Attributes
    ----------
    subsystem
        What it belongs to.
    measure, per
        A measure of ``region_stat``, and what it is divided by, if by anything.
    less
        Whether less is better.
    low, high
        Fixed bounds of the figure: where it counts as nothing and as all; for ``bounds``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    subsystem: str
    measure: str
    per: str = ""
    less: bool = False
    low: float | None = None
    high: float | None = None


class CouplingRule(Rule):
    """What is coordinated, and the choices that the band goes over.

    Attributes
    ----------
    indicators
        Figures by subsystem; two subsystems at least.
    scalings
        ``minmax`` over all regions and periods, ``rank`` among them, or ``bounds`` (for indicators
        that all have them); the first is that of the degree told.
    weightings
        ``equal`` for each subsystem and each indicator in it, or by ``entropy``; the first is that
        of the degree told.
    forms
        Forms of C; the first is that of the degree told. ``raw`` cannot be above 1/n.
    draws, spread, seed
        How often equal weights are moved at random, by how much at most, and from where.
    vintage
        Of the figures; empty: in each period the last in order.
    level
        Level of the regions.
    """

    indicators: tuple[Indicator, ...] = (
        Indicator(subsystem="economy", measure="gdp", per="population"),
        Indicator(subsystem="innovation", measure="rd_spending", per="gdp"),
        Indicator(subsystem="circulation", measure="logistics_cost", per="gdp", less=True),
        Indicator(subsystem="energy", measure="electricity", per="gdp", less=True),
    )
    scalings: tuple[Scaling, ...] = ("minmax", "rank", "bounds")
    weightings: tuple[Weighting, ...] = ("equal", "entropy")
    forms: tuple[Form, ...] = ("standard", "product", "modified")
    draws: int = Field(20, ge=0, le=1_000)
    spread: Rate = Rate(300_000)
    seed: int = Field(1, ge=0)
    vintage: str = ""
    level: Level = "province"

    @model_validator(mode="after")
    def _enough(self) -> "CouplingRule":
        if len({i.subsystem for i in self.indicators}) < 2:
            raise UnfitError(what=both("unfit.subsystems"))
        if not (self.scalings and self.weightings and self.forms):
            raise UnfitError(what=both("unfit.choices"))
        if any((i.low is None) != (i.high is None) or i.low == i.high is not None
               for i in self.indicators):  # fmt: skip
            raise UnfitError(what=both("unfit.bound_pairs"))
        return self


class _Case(NamedTuple):
    region: str
    period: str
    vintage: str
    values: list[float]
    why: Said


class _Choice(NamedTuple):
    """One way to reckon, and what it gives: C, T and D of each case."""

    scaling: Scaling
    weighting: str
    form: Form
    u: Float
    even: Float
    level: Float
    degree: Float


@fold(reads=("region_stat", "region"), writes=("coupling", "coupling_choice"), rule=CouplingRule)
def coupling(tables: Tables, rule: CouplingRule) -> Tables:
    """Measure the coupling coordination of regions with a band over the choices of method.

    D = √(C T) by the first way of each choice, with the lowest and highest of all ways: scaling,
    weights (equal, by entropy, and equal ones moved at random) and the form of C; and likewise
    the rank within the period. ``coupling_choice`` has D by each way. The reasons are the values
    of the subsystems. A region that lacks a figure has no degree; what it lacks is named.

    Raises
    ------
    DataError
        If a measure comes in several units in one vintage of one period.
    """
    cases = _cases(tables, rule)
    known = [c for c in cases if not c.why]
    ways = list(_ways(np.array([c.values for c in known]), rule)) if known else []
    periods = np.array([c.period for c in known])
    ranks = np.array([_ranks(w.degree, periods) for w in ways])
    degrees = np.array([w.degree for w in ways])
    at = {id(c): k for k, c in enumerate(known)}
    rows = [_row(c, at.get(id(c)), ways, degrees, ranks, rule) for c in cases]
    names = ("region_id", "period", "vintage", "degree", "low", "high", "coupling", "level", "rank",
             "rank_low", "rank_high", "choices")  # fmt: skip
    return {
        **output(
            "coupling",
            **{n: [r[n] for r in rows] for n in names},
            reasons=reason_list([r["reasons"] for r in rows]),
        ),
        **_choices(known, ways, ranks),
    }


def _cases(tables: Tables, rule: CouplingRule) -> list[_Case]:
    wanted = {m for i in rule.indicators for m in (i.measure, i.per) if m}
    found = {m: figures(tables["region_stat"], m, rule.vintage) for m in sorted(wanted)}
    cases = []
    for period in sorted({p for i in rule.indicators for p in found[i.measure]}):
        here = {m: f.get(period, Figures("", "", {})) for m, f in found.items()}
        label = vintages(*(f for f in here.values() if f.vintage))
        cases += [
            _Case(region, period, label, *_values(region, here, rule))
            for region in sorted(belts(tables["region"], rule.level))
            if any(region in f.value for f in here.values())
        ]
    return cases


def _values(region: str, here: dict[str, Figures], rule: CouplingRule) -> tuple[list[float], Said]:
    values: list[float] = []
    why: Said = []
    for i in rule.indicators:
        value = here[i.measure].value.get(region)
        by = here[i.per].value.get(region) if i.per else 1.0
        if value is None:
            why += lacking(i.measure, None)
        why += lacking(i.per, by)
        if value is not None and by is not None and by > 0:
            values.append(value / by)
    return values, list(dict.fromkeys(why))


def _ways(figure: Float, rule: CouplingRule) -> Iterator[_Choice]:
    names = list(dict.fromkeys(i.subsystem for i in rule.indicators))
    belongs = np.array([[i.subsystem == n for i in rule.indicators] for n in names], np.float64)
    even = belongs.T @ (1 / belongs.sum(axis=1)) / len(names)
    rng = np.random.default_rng(rule.seed)
    wide = rule.spread / PPM
    moved = even * rng.uniform(1 - wide, 1 + wide, (rule.draws, len(even)))
    for scaling in rule.scalings:
        scaled = _scaled(figure, scaling, rule)
        if scaled is None:
            continue
        weights: dict[str, Float] = {
            w: even if w == "equal" else entropy_weights(scaled) for w in rule.weightings
        }
        weights |= {f"moved {k}": w / w.sum() for k, w in enumerate(moved, 1)}
        for name, weight in weights.items():
            share = belongs @ weight
            u = np.clip((scaled * weight) @ belongs.T / np.maximum(share, _FLOOR), 0.0, 1.0)
            level = u @ (share / share.sum())
            for form in rule.forms:
                c = evenness(u, form)
                yield _Choice(scaling, name, form, u, c, level, np.sqrt(c * level))


def _scaled(figure: Float, scaling: Scaling, rule: CouplingRule) -> Float | None:
    """Return figures from 0 to 1, more being better; None without fixed bounds."""
    if scaling == "rank":
        below = (figure[:, None] > figure).sum(axis=1)
        scaled = (below + (figure[:, None] == figure).sum(axis=1) / 2) / len(figure)
    else:
        low, high = figure.min(axis=0), figure.max(axis=0)
        if scaling == "bounds":
            if any(i.low is None for i in rule.indicators):
                return None
            low, high = (np.array([getattr(i, n) for i in rule.indicators], np.float64)
                         for n in ("low", "high"))  # fmt: skip
        span = np.where(high != low, high - low, 1.0)
        # A figure that is the same everywhere tells nobody from anybody.
        scaled = np.where(high != low, np.clip((figure - low) / span, 0.0, 1.0), 0.5)
    return np.asarray(np.where([i.less for i in rule.indicators], 1 - scaled, scaled))


def _ranks(degree: Float, periods: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return places within each period, the highest first; equals share the better place."""
    place = np.empty(len(degree), np.int64)
    for period in np.unique(periods):
        here = periods == period
        place[here] = 1 + (degree[here] > degree[here][:, None] + _FLOOR).sum(axis=1)
    return place


def _row(
    case: _Case, k: int | None, ways: list[_Choice], degrees: Float, ranks: NDArray[np.int64],
    rule: CouplingRule,
) -> dict[str, Any]:  # fmt: skip
    row = {"region_id": case.region, "period": case.period, "vintage": case.vintage}
    if k is None:
        return {**row, **dict.fromkeys(_NUMBERS), "choices": 0, "reasons": case.why}
    first = ways[0]
    names = dict.fromkeys(i.subsystem for i in rule.indicators)
    said: Said = [(f"survey.subsystem({n})", round(PPM * float(v)))
                  for n, v in zip(names, first.u[k], strict=True)]  # fmt: skip
    if "raw" in rule.forms:
        said.append(("survey.raw_peaks", PPM // len(names)))
    return {
        **row, "degree": first.degree[k], "low": degrees[:, k].min(), "high": degrees[:, k].max(),
        "coupling": first.even[k], "level": first.level[k], "rank": ranks[0, k],
        "rank_low": ranks[:, k].min(), "rank_high": ranks[:, k].max(), "choices": len(ways),
        "reasons": said,
    }  # fmt: skip


_NUMBERS = ("degree", "low", "high", "coupling", "level", "rank", "rank_low", "rank_high")


def _choices(known: list[_Case], ways: list[_Choice], ranks: NDArray[np.int64]) -> Tables:
    """Return D by each way that has a name of its own."""
    kept = [(w, r) for w, r in zip(ways, ranks, strict=True) if w.weighting in {"equal", "entropy"}]
    times = len(kept)
    return output(
        "coupling_choice",
        region_id=[c.region for c in known] * times,
        period=[c.period for c in known] * times,
        **{n: [getattr(w, n) for w, _ in kept for _ in known]
           for n in ("scaling", "weighting", "form")},
        degree=pa.array(np.concatenate([w.degree for w, _ in kept] or [np.zeros(0)])),
        rank=[int(k) for _, r in kept for k in r],
    )  # fmt: skip
