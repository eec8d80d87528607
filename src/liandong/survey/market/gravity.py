"""How far distance and borders hold flows back, and where more than that."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from liandong.kernels.places.flows import Fitted, ppml, separated
from liandong.kernels.places.sphere import apart
from liandong.kernels.statistics.distributions import normal_quantile, normal_two_sided
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.survey.regions import Figures, Said, figures, touching
from liandong.types import PPM, YUAN, Rate

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
LEAST = 4
"""Fewer regions leave nothing to estimate from."""
_NEAREST = 1e-3
"""Kilometres: places are at least that far apart."""


class GravityRule(Rule):
    """What flows depend on.

    Attributes
    ----------
    kinds
        Kinds of ``factor_flow``; empty: all.
    mass
        A measure of ``region_stat`` for the size of both ends; empty: each region has an effect of
        its own as an origin and as a destination, whatever makes it large.
    borders
        Ties across which flows may be held back: ``border`` between any two regions, ``belt``
        between those of different belts, ``apart`` between those that do not touch (by table
        ``neighbour``, without it the provinces on land).
    elasticity
        How much a flow falls, in percent, if it costs a percent more; 0: not known, and then no
        ad-valorem equivalent is told.
    confidence
        Of intervals.
    """

    kinds: tuple[str, ...] = ()
    mass: str = ""
    borders: tuple[str, ...] = ("border", "belt", "apart")
    elasticity: float = Field(0.0, ge=0, le=50)
    confidence: Rate = Rate(950_000)


class _Map(NamedTuple):
    """Regions with a position: metres apart, and dummies of borders by name."""

    regions: list[str]
    metres: Float
    borders: dict[str, Float]


class _Case(NamedTuple):
    """The flows of one kind and period between regions, and what they are explained by."""

    kind: str
    period: str
    unit: str
    flow: Float
    names: list[str]
    x: Float
    kept: Bool
    apart: Bool
    said: Said


@fold(
    reads=("factor_flow", "region", "neighbour", "region_stat"),
    writes=("gravity", "border_cost"),
    rule=GravityRule,
)
def gravity(tables: Tables, rule: GravityRule) -> Tables:
    """Explain flows between regions by distance and borders, and tell which borders cost most.

    Poisson pseudo-maximum likelihood with effects of origins and destinations, or with masses;
    pairs without a flow count as nothing, and flows within a region are among the pairs, over a
    quarter of the way to the nearest other region (Wei 1996). ``gravity`` has the coefficients with
    robust errors; one that cannot be told from the others, or that no flow bounds, says so.
    ``border_cost`` compares each pair with what regions of that size and distance would exchange
    if no border held them back more than usual; first comes the pair that lacks most. The
    ad-valorem equivalent of what is missing, ratio^(-1/elasticity) - 1, needs an elasticity.
    """
    places = _places(tables, rule)
    mass = figures(tables["region_stat"], rule.mass) if rule.mass else {}
    cases = [
        _case(key, told, places, _sizes(mass.get(key[1]), places.regions) if rule.mass else None,
              rule.mass)
        for key, told in _matrices(tables["factor_flow"], places.regions, rule).items()
    ]  # fmt: skip
    found = [_fit(c) for c in cases]
    return {
        **_coefficients(cases, found, rule),
        **_costs(cases, found, places, rule),
    }  # fmt: skip


def _places(tables: Tables, rule: GravityRule) -> _Map:
    """Return the regions that flows name and that have a position."""
    flow = tables["factor_flow"]
    named = {r for n in ("from_region", "to_region") for r in flow[n].unique().to_pylist()}
    rows = [
        r for r in tables["region"].sort_by("region_id").to_pylist()
        if r["region_id"] in named and r["lon"] is not None and r["lat"] is not None
    ]  # fmt: skip
    ids = [r["region_id"] for r in rows]
    lon, lat = (np.array([r[n] for r in rows], np.float64) for n in ("lon", "lat"))
    other = 1.0 - np.eye(len(ids))
    belt = np.array([r["belt"] or "" for r in rows])
    borders = {"border": other, "belt": (belt[:, None] != belt) * other}
    near = touching(tables["neighbour"])
    touch = np.array([[frozenset((a, b)) in near for b in ids] for a in ids], np.float64)
    borders["apart"] = (1 - touch.reshape(other.shape)) * other
    return _Map(ids, apart(lon, lat), {n: borders[n] for n in rule.borders if n in borders})


class _Told(NamedTuple):
    """Flows of one kind and period as a matrix, and how many have no position."""

    flow: Float
    unit: str
    lost: int


def _matrices(
    flow: pa.Table, regions: list[str], rule: GravityRule
) -> dict[tuple[str, str], _Told]:
    at = {r: k for k, r in enumerate(regions)}
    found: dict[tuple[str, str], _Told] = {}
    for r in flow.to_pylist():
        key = (r["kind"], r["period"])
        if rule.kinds and r["kind"] not in rule.kinds:
            continue
        one = found.get(key) or _Told(np.zeros((len(regions), len(regions))), r["unit"], 0)
        i, j = at.get(r["from_region"]), at.get(r["to_region"])
        if i is None or j is None:
            one = one._replace(lost=one.lost + 1)
        else:
            one.flow[i, j] += r["value"] if r["amount"] is None else r["amount"] / YUAN
        found[key] = one
    return dict(sorted(found.items()))


def _case(key: tuple[str, str], told: _Told, places: _Map, size: Float | None, mass: str) -> _Case:
    """Lay out pairs of regions in rows: those that have flows at all, and a size if it is asked."""
    flow, n = told.flow, len(places.regions)
    here = (flow != 0).any(axis=1) | (flow != 0).any(axis=0)
    causes = {"survey.flow_no_position": told.lost, "survey.flow_negative": int((flow < 0).sum())}
    origin, end = (a.ravel() for a in np.indices((n, n)))
    columns = {"distance": np.log(np.maximum(places.metres.ravel() / 1000, _NEAREST))}
    columns |= {name: b.ravel() for name, b in places.borders.items()}
    effects = np.concatenate([np.eye(n)[origin], np.eye(n)[end]], axis=1)
    if size is not None:
        causes[f"survey.missing({mass})"] = int((here & ~np.isfinite(size)).sum())
        here = here & np.isfinite(size)
        columns = {"constant": np.ones(n * n), "mass_from": size[origin], "mass_to": size[end],
                   **columns}  # fmt: skip
        effects = effects[:, :0]
    x = np.concatenate([effects, np.column_stack(list(columns.values()))], axis=1)
    kept = here[origin] & here[end] & (flow.ravel() >= 0)
    said = [(code, count) for code, count in causes.items() if count]
    return _Case(*key, told.unit, flow.ravel(), list(columns), x, kept, origin != end, said)


def _sizes(mass: Figures | None, regions: list[str]) -> Float:
    """Return logarithms of masses; nan where there is none above nothing."""
    value = mass.value if mass else {}
    known = np.array([value.get(r, 0.0) for r in regions])
    return np.where(known > 0, np.log(np.where(known > 0, known, 1.0)), np.nan)


class _Found(NamedTuple):
    """A fit, the rows it is of, and those that were left out since they teach nothing."""

    fitted: Fitted | None
    rows: Bool
    separated: Bool


def _fit(case: _Case) -> _Found:
    nothing = np.zeros(len(case.kept), bool)
    if np.sqrt(case.kept.sum()) < LEAST or not (case.flow[case.kept] > 0).any():
        return _Found(None, nothing, nothing)
    run_away = nothing.copy()
    run_away[case.kept] = separated(case.x[case.kept], case.flow[case.kept])
    rows = case.kept & ~run_away
    if rows.sum() <= len(case.names):
        return _Found(None, nothing, run_away)
    return _Found(ppml(case.x[rows], case.flow[rows]), rows, run_away)


def _coefficients(cases: list[_Case], found: list[_Found], rule: GravityRule) -> Tables:
    z = float(normal_quantile(np.array([(1 + rule.confidence / PPM) / 2]))[0])
    rows: list[dict[str, Any]] = []
    for case, one in zip(cases, found, strict=True):
        said = [("survey.pairs_used", int(one.rows.sum())), *case.said]
        if n := int(one.separated.sum()):
            said.append(("survey.separated", n))
        for k, name in enumerate(case.names, case.x.shape[1] - len(case.names)):
            row = {"kind": case.kind, "period": case.period, "term": name, "reasons": said,
                   "pairs": int(one.rows.sum()), **dict.fromkeys(_NUMBERS)}  # fmt: skip
            rows.append({**row, **_term(case, one, k, z)})
    return output(
        "gravity",
        **{n: [r[n] for r in rows]
           for n in ("kind", "period", "term", "pairs", "verdict", *_NUMBERS)},
        reasons=reason_list([r["reasons"] for r in rows]),
    )  # fmt: skip


_NUMBERS = ("value", "error", "low", "high", "p")


def _term(case: _Case, one: _Found, k: int, z: float) -> dict[str, Any]:
    """Return what is known of the coefficient in column k."""
    if one.fitted is None:
        return {"verdict": "few"}
    value, error = float(one.fitted.coefficient[k]), float(one.fitted.error[k])
    if not one.fitted.settled:
        return {"verdict": "not_converged"}
    if np.isnan(value):
        was = np.ptp(case.x[case.kept, k]) > 0 and np.ptp(case.x[one.rows, k]) == 0
        return {"verdict": "separated" if was else "collinear"}
    half = z * error
    return {
        "verdict": "estimated", "value": value, "error": error, "low": value - half,
        "high": value + half, "p": normal_two_sided(value / error) if error else 0.0,
    }  # fmt: skip


def _costs(cases: list[_Case], found: list[_Found], places: _Map, rule: GravityRule) -> Tables:
    rows: list[dict[str, Any]] = []
    n = len(places.regions)
    for case, one in zip(cases, found, strict=True):
        if one.fitted is None or not one.fitted.settled:
            continue
        at = np.flatnonzero(one.rows)
        pairs = [
            {"kind": case.kind, "period": case.period, "unit": case.unit,
             "from_region": places.regions[i // n], "to_region": places.regions[i % n],
             "observed": float(case.flow[i]), "expected": float(mean)}
            for i, mean in zip(at, one.fitted.mean, strict=True) if case.apart[i]
        ]  # fmt: skip
        pairs.sort(key=lambda r: r["observed"] - r["expected"])  # type: ignore[operator] # numbers
        rows += [{**r, **_cost(r, rule), "rank": k} for k, r in enumerate(pairs, 1)]
    names = ("kind", "period", "from_region", "to_region", "observed", "expected", "unit",
             "residual", "equivalent", "rank")  # fmt: skip
    return output(
        "border_cost",
        **{name: [r[name] for r in rows] for name in names},
        reasons=reason_list([r["reasons"] for r in rows]),
    )


def _cost(row: dict[str, Any], rule: GravityRule) -> dict[str, Any]:
    ratio = row["observed"] / row["expected"]
    said: Said = [
        ("survey.of_expected", round(PPM * ratio)) if ratio > 0 else ("survey.no_flow", 0)
    ]
    known = rule.elasticity > 0 and ratio > 0
    return {
        "residual": float(np.log(ratio)) if ratio > 0 else None,
        "equivalent": ratio ** (-1 / rule.elasticity) - 1 if known else None,
        "reasons": said,
    }
