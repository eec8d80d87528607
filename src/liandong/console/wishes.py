"""What a hand on the sliders wishes for: another rule of the allocation, tried or as a command."""

import json
import shlex
import tomllib
from dataclasses import dataclass
from datetime import date
from typing import Any

from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.step.registry import step
from liandong.types import Money, Rate, stable_id

STEP = "match.explore"
NAME = "trial"
"""What a trial is called; it is never written."""
LARGEST = 20_000
"""Most pairs of project and product that a page computes by itself."""
PATIENCE = 0.3
"""Seconds that a page waits for a trial before it says that it is still being computed."""
TABLES = ("scenario", "scenario_limit", "scenario_offer")
"""What the step writes."""
WIDEST = 200
"""Percent of today's amount that a slider goes up to."""
PERCENT = 10_000
"""A percent in ppm."""


@dataclass(frozen=True)
class Slider:
    """Something that may be moved.

    Attributes
    ----------
    name
        Parameter of the address.
    kind
        ``money`` in percent of today's amount, or ``share`` in percent of what is given out.
    now
        Fen for money, ppm for a share.
    value, start
        Where it stands and where it stood: whole percent.
    most
        Where it ends, percent.
    """

    name: str
    kind: str
    now: int
    value: int
    start: int
    most: int

    @property
    def amount(self) -> int:
        """What it stands for: fen or ppm."""
        if self.value == self.start:
            return self.now
        return self.now * self.value // 100 if self.kind == "money" else self.value * PERCENT


@dataclass(frozen=True)
class Wish:
    """The real rule, and what the sliders make of it.

    Attributes
    ----------
    real
        Rule of the allocation, as plain values.
    sliders
        The budget, the floor for small firms, and every other limit.
    """

    real: Row
    sliders: tuple[Slider, ...]

    @property
    def moved(self) -> bool:
        """Whether any slider stands elsewhere."""
        return any(s.value != s.start for s in self.sliders)

    def values(self) -> Row:
        """Return the plain values of the rule that is wished for."""
        at = {s.name: s for s in self.sliders}
        limits = [_limit(x, at[f"limit.{x['name']}"]) for x in self.real.get("limits", [])]
        changed = {
            "budget": str(Money(at["budget"].amount)), "micro_share": str(Rate(at["micro"].amount)),
        }  # fmt: skip
        return {**self.real, **changed, **({"limits": limits} if limits else {})}


def real_rule(reading: Reading, day: date | None) -> Row:
    """Return the rule of the allocation of a day as plain values; empty without one."""
    made = set(reading.source("allocation", day)) if day else set()
    rule_id = next((r.rule_id for r in reading.runs if r.run_id in made), None)
    rule = reading.first("SELECT toml FROM rule WHERE rule_id = ?", rule_id)
    return tomllib.loads(rule["toml"]) if rule else {}


def wish(reading: Reading, query: Query, day: date | None) -> Wish | None:
    """Return what the sliders of an address wish for; None without an allocation on ``day``.

    Raises
    ------
    UsageError
        If a slider stands outside its track.
    """
    real = real_rule(reading, day)
    if "budget" not in real:
        return None  # nothing was allocated, or it was written by hand
    sliders = [
        _slider(query, "budget", "money", int(Money.parse(real["budget"]))),
        _slider(query, "micro", "share", int(Rate.parse(real["micro_share"]))),
        *(_slider(query, f"limit.{x['name']}", *_bound(x)) for x in real.get("limits", [])),
    ]
    return Wish(real, tuple(sliders))


def _slider(query: Query, name: str, kind: str, now: int) -> Slider:
    start, most = (100, WIDEST) if kind == "money" else (now // PERCENT, 100)
    return Slider(name, kind, now, query.whole(name, start, high=most), start, most)


def _bound(limit: Row) -> tuple[str, int]:
    """Return whether a limit is money or a share, and its amount."""
    name = _bound_name(limit)
    if name.endswith("share"):
        return "share", int(Rate.parse(limit[name]))
    return "money", int(Money.parse(limit[name]))


def _bound_name(limit: Row) -> str:
    return next(n for n in ("least_share", "most_share", "least", "most") if n in limit)


def _limit(limit: Row, slider: Slider) -> Row:
    kind = Money if slider.kind == "money" else Rate
    return {**limit, _bound_name(limit): str(kind(slider.amount))}


def tried(reading: Reading, wanted: Wish, day: date) -> Row:
    """Return what became of a wish: its ``state``, and the tables in which the outcome is held.

    Returns
    -------
    dict
        ``state`` is ``idle`` (no slider was moved), ``large`` (too many pairs for a page),
        ``working`` (ask again), ``refused`` (with ``refusal``, an error) or ``done`` (with
        ``tables``: what :meth:`Reading.rows` calls each table of the step).
    """
    if not wanted.moved:
        return {"state": "idle"}
    pairs = reading.one(
        "SELECT count(*) AS n FROM quote WHERE as_of = ? AND eligible AND value_rate > 0", day
    )["n"]
    if pairs > LARGEST:
        return {"state": "large", "pairs": pairs, "largest": LARGEST}
    values = wanted.values()
    key = stable_id(json.dumps(values, sort_keys=True))
    found = reading.trials.ask(key, lambda: _compute(reading, key, values), PATIENCE)
    if found is None:
        return {"state": "working"}
    if found.refused:
        return {"state": "refused", "refusal": found.refused}
    return {"state": "done", "tables": dict(zip(TABLES, found.tables, strict=True))}


def _compute(reading: Reading, key: str, values: Row) -> tuple[str, ...]:
    """Run the step on the present tables; hold what it would have written."""
    explore = step(STEP)
    rule = explore.rule.make(**values, name=NAME)
    written = explore(*(reading.board.store.read(n) for n in explore.reads), rule=rule)
    held = {n: f"trial_{key}_{n}" for n in TABLES}
    for name, place in held.items():
        reading.hold(place, written[name], like=name)
    return tuple(held.values())


def command(wanted: Wish) -> str:
    """Return the command that computes a wish and keeps it as a scenario.

    Examples
    --------
    >>> real = {"as_of": "2024-12-31", "budget": "100.00 CNY", "micro_share": "70%", "limits": []}
    >>> sliders = (Slider("budget", "money", 10_000, 105, 100, 200),
    ...            Slider("micro", "share", 700_000, 75, 70, 100))
    >>> print(command(Wish(real, sliders)).partition(" name=")[2])
    budget105_micro75 budget='105.00 CNY' micro_share=75%
    """
    moved = [s for s in wanted.sliders if s.value != s.start]
    name = "_".join(f"{s.name.removeprefix('limit.')}{s.value}" for s in moved) or "as_it_is"
    values = {"as_of": "", "name": name, **wanted.values()}
    # What is empty or off is so by default.
    said = [f"{n}={shlex.quote(v if isinstance(v, str) else inline(v))}"
            for n, v in values.items() if v]  # fmt: skip
    return " ".join(["liandong run", STEP, *said])


def inline(value: Any) -> str:  # noqa: ANN401 - any plain TOML value
    """Write a plain value as TOML on one line.

    Examples
    --------
    >>> inline([{"name": "west", "of": {"micro": True}, "least_share": "5%"}])
    '[{name = "west", of = {micro = true}, least_share = "5%"}]'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)  # texts, whole numbers and yes or no are alike
