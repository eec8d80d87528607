"""Early warning: rules, logistic regression and LightGBM on regions with planted causes.

20,000 borrowing firms are watched for 36 months, after a year that fills the windows. Models learn
from the first of these years of one region and from what had happened by the end of the second;
thresholds are set there, too, to a number of alerts, on scores that no firm took part in learning.
Judged are another region, never seen before, over all 36 months (``ews``), and the third year of
the first, a year after the last thing that was learnt from (``ews.time``). Beside these stand the
shipped signals T1 to P1, each by itself from orange and from yellow on (``ews.T1``,
``ews.T1.yellow``), and all of them but P1 together (``ews.any``), but not when it has to be quick;
none of them is ever ``chosen``, for they see payments that are missed, which the others do not. How
the world makes firms fail was not changed for this, and no threshold was chosen by what came of it.
"""

import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.kernels.scores.logit import fit_logit
from liandong.kernels.streams.hindsight import begins
from liandong.watch import BacktestRule, Judgement, RuleSet, Sweep, Window, WindowStream
from liandong.watch.backtest.measuring import Alerts, Study, Terms
from liandong.watch.backtest.outcomes import DAY, Outcomes, outcomes
from liandong.watch.backtest.replay import Judged, judged
from liandong.watch.windows.ledger import micros
from measure import figures
from watch_ews_signals import ORANGE, YELLOW, contestants
from watch_region import WARM, WATCHED, Region, region

FIRMS, LEARNT_FROM, JUDGED = 20_000, 7, 8
"""Firms, and the seeds of both regions."""
HORIZON, LEAST, COOL = 365 * DAY, 30 * DAY, 90 * DAY
LOOKED_AT = 400
"""For so many firms one alert a week is looked at, worst first."""
MINUTES = 30
"""An analyst's time for an alert."""
MOST = 20.0
"""Alerts per 1,000 firms and month for which thresholds are set."""
YEAR = 12
FOLDS, RIDGE, SAMPLES = 5, 1.0, 1_000

NAMES = {
    "recall": "recall", "recall_exposure": "recall_exposure", "median_lead_days": "lead_median",
    "lead_low_days": "lead_low", "lead_high_days": "lead_high", "lead_90": "lead_90",
    "lead_180": "lead_180", "episodes": "burden", "precision": "precision", "base": "base",
    "repeats": "repeats", "flips": "flips", "defaults": "defaults",
    "minutes_per_default": "minutes_per_default",
}  # fmt: skip
"""Figures, and what they are called in the table ``backtest_point``; ``episodes`` are those of
1,000 firms and a month."""
OF_LAST_YEAR = ("recall", "median_lead_days", "episodes", "defaults")
"""A year after which nothing is known has no precision within a year."""
_OF = {"of": "amount"}


def _window(name: str, fn: str, over: str, *kinds: str) -> Window:
    of = {} if fn in {"count", "distinct"} else _OF
    return Window(name=name, fn=fn, over=over, where={"kinds": kinds}, **of)


WINDOWS = (
    *(_window(f"inv_{d}d", "sum", f"{d}d", "invoice") for d in (30, 90, 365, 390, 455)),
    *(_window(f"tax_{d}d", "sum", f"{d}d", "tax") for d in (92, 365, 457)),
    *(_window(f"kwh_{d}d", "sum", f"{d}d", "utility") for d in (61, 365, 426)),
    _window("staff_first", "first", "100d", "staff"),
    _window("staff_last", "last", "100d", "staff"),
    _window("sued", "sum", "365d", "lawsuit"),
    _window("suits", "count", "365d", "lawsuit"),
    _window("fines", "count", "365d", "penalty"),
    _window("lost", "sum", "365d", "lost"),
    _window("loan", "last", "730d", "loan"),
    _window("buyers_90d", "distinct", "90d", "invoice"),
    _window("buyers_365d", "distinct", "365d", "invoice"),
    _window("top", "top_share", "365d", "invoice"),
)
SIGNALS = {
    "T1": ("tax_92d / (tax_457d - tax_365d) < {}", ("0.8", "0.6", "0.4")),
    "T2": ("inv_30d * 12 / (inv_390d - inv_30d) < {}", ("0.5",)),
    "J1": ("sued / inv_365d > {}", ("0.05",)),
    "U1": ("kwh_61d / (kwh_426d - kwh_365d) < {}", ("0.7", "0.5")),
    "H1": ("staff_last / staff_first < {}", ("0.8", "0.6")),
    "C1": ("lost / inv_365d > {}", ("0.1", "0.2", "0.4")),
    "R1": ("fines > {}", ("0",)),
}
"""Signals that this log can tell of, with their thresholds of yellow, orange and red."""
LEVELS = ("yellow", "orange", "red")


def _rule() -> BacktestRule:
    """Return the signals as they are, and one point for each of their levels, added up."""
    rules = [
        Judgement(code=f"{code}{level}", when=when.format(limit), level=level)
        for code, (when, limits) in SIGNALS.items()
        for level, limit in zip(LEVELS, limits, strict=False)
    ]
    points = " + ".join(f"(has({_left(r.when)}) && {r.when} ? 1 : 0)" for r in rules)
    sweep = Sweep(code="points", when=f"{points} >= {{x}}", thresholds=tuple(map(str, range(1, 9))))
    shipped = RuleSet(name="signals", rules=tuple(rules))
    return BacktestRule(windows=WINDOWS, sweeps=(sweep,), sets=(shipped,))


def _left(when: str) -> str:
    return when.rpartition(" < " if " < " in when else " > ")[0]


class Panel(NamedTuple):
    """A region as rules and models see it.

    Attributes
    ----------
    rows
        Every event as rules judge it: points, and gravity.
    known
        First defaults.
    firm, month
        Of the rows of models: the last event of a firm in a month.
    x
        Shape (rows, columns): what windows say there, as ratios; NaN where there is none.
    starts
        First moments of months, one more than there are.
    """

    rows: Judged
    known: Outcomes
    firm: np.ndarray
    month: np.ndarray
    x: np.ndarray
    starts: np.ndarray

    def study(self, rows: Judged, begin: int, end: int) -> Study:
        """Measure rows of some months."""
        since, until = int(self.starts[begin]), int(self.starts[end])
        inside = (rows.known >= since) & (rows.known < until)
        cut = Judged(rows.subjects, *(c[inside] for c in rows[1:4]), rows.grades[:, inside])
        early = self.known.at < until
        known = Outcomes(*(c[early] for c in self.known))
        terms = Terms(since, until, HORIZON, LEAST, COOL, len(rows.subjects) // LOOKED_AT, MINUTES)
        return Study(cut, len(rows.subjects), known, terms)


def _panel(found: Region) -> Panel:
    rows = judged(found.log, _rule())
    known = outcomes(found.event, rows.subjects, int(found.months[-1]))
    stream = WindowStream(windows=WINDOWS)
    parts = []
    for begin in range(0, len(found.log), 1 << 19):
        values = stream.take(found.log.slice(begin, 1 << 19)).values
        firm = pc.index_in(values["subject_id"], value_set=rows.subjects).to_numpy()
        month = np.searchsorted(found.months, micros(values["at"]), "right") - 1
        parts.append((firm.astype(np.int64), month, _ratios(values)))
    firm, month, x = (np.concatenate(c) for c in zip(*parts, strict=True))
    place = firm * len(found.months) + month
    last = len(place) - 1 - np.unique(place[::-1], return_index=True)[1]
    over = np.full(len(rows.subjects), found.months[-1])
    over[known.subject] = known.at
    last = last[(month[last] >= WARM) & (month[last] < WARM + WATCHED)]
    last = last[found.months[month[last] + 1] <= over[firm[last]]]
    return Panel(rows, known, firm[last], month[last], x[last], found.months)


def _ratios(values: pa.Table) -> np.ndarray:
    """Return what models see: nothing that rules do not see, too."""
    w = {c: values[c].cast(pa.float64()).to_numpy() for c in values.column_names[3:]}
    none = {n: np.nan_to_num(w[n]) for n in ("sued", "suits", "fines", "lost", "buyers_90d")}
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = (
            np.log(w["inv_30d"] * 12 / (w["inv_390d"] - w["inv_30d"])),
            np.log(w["inv_90d"] * 4 / (w["inv_455d"] - w["inv_90d"])),
            np.log(w["tax_92d"] / (w["tax_457d"] - w["tax_365d"])),
            np.log(w["tax_92d"] * 4 / (w["tax_457d"] - w["tax_92d"])),
            np.log(w["kwh_61d"] / (w["kwh_426d"] - w["kwh_365d"])),
            np.log(w["kwh_61d"] * 6 / (w["kwh_426d"] - w["kwh_61d"])),
            np.log(w["staff_last"] / w["staff_first"]),
            np.log1p(none["sued"] / w["inv_365d"]), none["suits"], none["fines"],
            np.log1p(none["lost"] / w["inv_365d"]), np.log(w["loan"] / w["inv_365d"]),
            np.log(w["inv_365d"]), none["buyers_90d"] / w["buyers_365d"], w["top"],
        )  # fmt: skip
    x = np.column_stack(columns)
    return np.where(np.isfinite(x), np.clip(x, -30, 30), np.nan)


def _labels(panel: Panel) -> np.ndarray:
    """Tell of each row whether its firm defaults within the horizon after the month."""
    at = np.full(len(panel.rows.subjects), np.iinfo(np.int64).max)
    at[panel.known.subject] = panel.known.at
    end = panel.starts[panel.month + 1]
    return (at[panel.firm] > end) & (at[panel.firm] - end <= HORIZON)


class Logistic:
    """Logistic regression; what is missing has the mean and a column of its own."""

    def fit(self, x: np.ndarray, y: np.ndarray) -> "Logistic":
        """Learn from rows with and without a default."""
        self.mean, self.std = np.nanmean(x, axis=0), np.nanstd(x, axis=0) + 1e-9
        self.beta = fit_logit(self._made(x), y.astype(float), RIDGE)
        return self

    def score(self, x: np.ndarray) -> np.ndarray:
        """Return how likely a default is, as log odds."""
        return self.beta[0] + self._made(x) @ self.beta[1:]

    def _made(self, x: np.ndarray) -> np.ndarray:
        standard = np.nan_to_num(np.clip((x - self.mean) / self.std, -4, 4))
        return np.ascontiguousarray(np.column_stack([standard, np.isnan(x)]))


class Boosted:
    """LightGBM with few small trees: defaults are rare."""

    def fit(self, x: np.ndarray, y: np.ndarray) -> "Boosted":
        """Learn from rows with and without a default."""
        import lightgbm as lgb

        told = {
            "objective": "binary", "num_leaves": 8, "learning_rate": 0.05, "min_data_in_leaf": 200,
            "feature_fraction": 0.7, "bagging_fraction": 0.7, "bagging_freq": 1, "verbosity": -1,
            "num_threads": 1, "deterministic": True, "seed": 1,
        }  # fmt: skip
        self.model = lgb.train(told, lgb.Dataset(x, y.astype(float)), 150)
        return self

    def score(self, x: np.ndarray) -> np.ndarray:
        """Return how likely a default is, as log odds."""
        return np.asarray(self.model.predict(x, raw_score=True))


Contestant = tuple[str, Judged, Judged, int | None]
"""Name, rows of the region learnt from and of the fresh one, and the limit if it is given."""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    firms, samples = (1_000, 100) if quick else (FIRMS, SAMPLES)
    learnt, fresh = (_panel(region(firms, seed)) for seed in (LEARNT_FROM, JUDGED))
    begin, end = WARM, WARM + WATCHED
    found: dict[str, object] = {"firms": firms, "months": WATCHED, "events": len(fresh.rows.known)}
    best: tuple[float, dict[str, object]] = (-1.0, {})
    for name, of_learnt, of_fresh, given in _contest(learnt, fresh):
        taught = learnt.study(of_learnt, begin, begin + YEAR)
        limit = _limit(taught) if given is None else given
        told = _told(fresh.study(of_fresh, begin, end), limit, samples)
        then = _point(taught, limit)["recall"]
        if isinstance(then, float) and then > best[0]:
            best = then, {"chosen": name, **told}
        found |= {f"{name}.{k}": v for k, v in told.items()}
        later = _told(learnt.study(of_learnt, end - YEAR, end), limit, samples)
        found |= {f"time.{name}.{k}": v for k, v in later.items() if k.startswith(OF_LAST_YEAR)}
    for name, rows in () if quick else contestants(firms, JUDGED, fresh.rows.subjects):
        own = fresh.study(rows, begin, end)
        found |= {f"{name}.{k}": v for k, v in _told(own, ORANGE, samples).items()}
        found |= {f"{name}.yellow.{k}": v for k, v in _told(own, YELLOW, samples).items()}
    return figures("ews", found | best[1])


def _contest(learnt: Panel, fresh: Panel) -> Iterator[Contestant]:
    points, gravity = ([p.rows._replace(grades=p.rows.grades[k : k + 1]) for p in (learnt, fresh)]
                       for k in (0, 1))  # fmt: skip
    yield "signals", *gravity, 0
    yield "points", *points, None
    yield "logistic", *_scored(Logistic, learnt, fresh), None
    if find_spec("lightgbm") is not None:
        yield "lightgbm", *_scored(Boosted, learnt, fresh), None


def _scored(model: type[Logistic | Boosted], learnt: Panel, fresh: Panel) -> tuple[Judged, Judged]:
    """Score months: those learnt from by models that have not seen the firm."""
    rows, y = learnt.month < WARM + YEAR, _labels(learnt)
    whole = model().fit(learnt.x[rows], y[rows])
    score = whole.score(learnt.x)
    fold = learnt.firm % FOLDS
    for k in range(FOLDS):
        apart = rows & (fold == k)
        taught = rows & (fold != k)
        score[apart] = model().fit(learnt.x[taught], y[taught]).score(learnt.x[apart])
    limits = np.unique(np.quantile(score[rows], np.linspace(0.6, 1, 250)))
    return tuple(_graded(p, s, limits) for p, s in ((learnt, score), (fresh, whole.score(fresh.x))))


def _graded(panel: Panel, score: np.ndarray, limits: np.ndarray) -> Judged:
    """Return scores as grades, each known when its month is over."""
    known = panel.starts[panel.month + 1] - 1
    order = np.lexsort((known, panel.firm))
    grades = np.searchsorted(limits, score, "right").astype(np.uint8)[order]
    first = np.ones(len(order), np.bool_)
    return Judged(panel.rows.subjects, panel.firm[order], known[order], first, grades[None])


def _limit(study: Study) -> int:
    """Return the loosest grade that is not too much to look at; outcomes play no part."""
    grades = study.rows.grades[0]
    burden = [f["burden"] for f in study.sweep(grades, int(grades.max()))]
    return next(k for k, b in enumerate(burden) if b is not None and b <= MOST)


def _told(study: Study, limit: int, samples: int) -> dict[str, object]:
    """Return the figures of one limit, with intervals of 95 % over firms drawn again."""
    grades, point = study.rows.grades[0], _point(study, limit)
    told = {new: point[old] for new, old in NAMES.items()}
    told["fewer_than_hits"] = 1 - (point["alerts"] or 0) / (point["hits"] or 1)
    if point["precision"] is not None and point["base"]:
        told["lift"] = point["precision"] / point["base"]
    return told | _intervals(study, np.flatnonzero(grades > limit), grades, samples)


def _point(study: Study, limit: int) -> dict[str, float | None]:
    grades = study.rows.grades[0]
    return study.point(np.flatnonzero(grades > limit), grades, limit)


def _intervals(
    study: Study, hits: np.ndarray, grades: np.ndarray, samples: int
) -> dict[str, object]:
    """Draw firms again, with all that belongs to each."""
    subject, known, terms = study.rows.subject, study.rows.known, study.terms
    starts = hits[begins(hits, subject, known, terms.cool)]
    alerts = Alerts(subject[starts], known[starts], grades[starts].astype(np.int64))
    led, who = study.leads(alerts), study.outcomes.subject[study.counted]
    looked, good = study.ripe(alerts)
    many = np.bincount(alerts.subject, minlength=study.watched)
    rng, drawn = np.random.default_rng(1), []
    for _ in range(samples):
        times = np.bincount(rng.integers(0, study.watched, study.watched), minlength=study.watched)
        of, on = times[who], times[alerts.subject[looked]]
        days = np.repeat(led, of)
        days = days[days > 0] / DAY
        drawn.append((
            of[led >= terms.least].sum() / max(of.sum(), 1),
            np.median(days) if len(days) else np.nan,
            on[good].sum() / max(on.sum(), 1), 1000 * (times @ many) / study.months,
        ))  # fmt: skip
    with warnings.catch_warnings():  # without any lead there is no median of them either
        warnings.simplefilter("ignore", RuntimeWarning)
        low, high = np.nanquantile(np.array(drawn), (0.025, 0.975), axis=0)
    names = ("recall", "median_lead_days", "precision", "episodes")
    return {f"{n}_{end}": None if np.isnan(v[k]) else float(v[k]) for k, n in enumerate(names)
            for end, v in (("low", low), ("high", high))}  # fmt: skip
