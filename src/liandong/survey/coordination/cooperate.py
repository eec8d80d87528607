"""What cooperation is worth to each: shares to propose, exact to the fen, and a draft to sign."""

import json
from datetime import date
from fractions import Fraction
from typing import Any

import pyarrow as pa

from liandong.errors import DataError
from liandong.step import Rule, Tables, fold, output
from liandong.step.games import MOST_PLAYERS, Worth, nucleolus, shapley
from liandong.step.reasons import reason_list
from liandong.step.remainder import largest
from liandong.survey.regions import Said
from liandong.texts import both
from liandong.types import CURRENCY_PLACES, stable_id

Group = frozenset[str]
WAYS = ("shapley", "nucleolus")
BASE = "cooperation.worth"
"""What the draft shares out."""


class CooperateRule(Rule):
    """Which cooperation is looked at.

    Attributes
    ----------
    game
        A cooperation of ``coalition_worth``; empty: all.
    places
        Decimal places of units that are no currency.
    first, last
        Days between which drafts are valid.
    """

    game: str = ""
    places: int = 2
    first: date = date(2026, 1, 1)
    last: date = date(2035, 12, 31)


@fold(reads=("coalition_worth",), writes=("cooperation", "cooperation_draft"), rule=CooperateRule)
def cooperate(tables: Tables, rule: CooperateRule) -> Tables:
    """Propose how parties share what they bring about together.

    ``cooperation`` has the Shapley value and the nucleolus of the worths of all groups, in whole
    minor units by largest remainder: they add up to what all bring about. ``cooperation_draft``
    tells whether no group could have more by itself (the core), what the least satisfied group
    has above that, and an agreement in the language of agreements that shares by these portions:
    it is proposed, approved and carried out like any other, which makes the entries.

    A cooperation that lacks the worth of a group gets no shares; the groups are named.

    Raises
    ------
    DataError
        If a cooperation comes in several units.
    """
    shares: list[dict[str, Any]] = []
    drafts: list[dict[str, Any]] = []
    for game, worth, unit in _games(tables["coalition_worth"], rule.game):
        for way in WAYS:
            share, draft = _proposed(game, way, worth, unit, rule)
            shares += share
            drafts.append(draft)
    columns = {
        "cooperation": ("game", "way", "party_id", "alone", "amount", "gain", "unit"),
        "cooperation_draft": ("game", "way", "worth", "unit", "core", "slack", "parties", "draft"),
    }
    return {
        n: t
        for (name, names), rows in zip(columns.items(), (shares, drafts), strict=True)
        for n, t in output(
            name, **{c: [r[c] for r in rows] for c in names},
            reasons=reason_list([r["reasons"] for r in rows]),
        ).items()
    }  # fmt: skip


def _games(table: pa.Table, wanted: str) -> list[tuple[str, dict[Group, int], str]]:
    found: dict[str, tuple[dict[Group, int], set[str]]] = {}
    for r in table.sort_by([("game", "ascending"), ("members", "ascending")]).to_pylist():
        if wanted in ("", r["game"]):
            worth, units = found.setdefault(r["game"], ({}, set()))
            names = [m.strip() for m in r["members"].split("+")]
            group = frozenset(names)
            if group in worth or len(group) < len(names) or "" in group:
                twice = "fault.coalition_twice"
                code = twice if group in worth else "fault.coalition_members"
                what = both(code, game=r["game"], members=r["members"])
                raise DataError(file="coalition_worth", what=what, remedy=both("advice.coalition"))
            worth[group] = r["worth"]
            units.add(r["unit"])
    for game, (_, units) in found.items():
        if len(units) > 1:
            what = both("fault.game_units", game=game, units=", ".join(sorted(units)))
            raise DataError(file="coalition_worth", what=what, remedy=both("advice.game_unit"))
    return [(game, worth, min(units)) for game, (worth, units) in found.items()]


def _proposed(
    game: str, way: str, worth: dict[Group, int], unit: str, rule: CooperateRule
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    players = sorted(frozenset[str]().union(*worth))
    whole = worth.get(frozenset(players))
    row = {"game": game, "way": way, "unit": unit}
    why = _faults(players, worth, way)
    if why or whole is None:
        nothing = dict.fromkeys(("core", "slack", "parties", "draft"))
        return [], {**row, **nothing, "worth": whole, "reasons": why}
    solve = shapley if way == "shapley" else nucleolus
    share = in_units(solve(players, _worth(worth)))
    groups = [g for g in worth if len(g) < len(players)]
    slack = min((sum(share[p] for p in g) - worth[g] for g in groups), default=0)
    least = [g for g in groups if sum(share[p] for p in g) - worth[g] == slack]
    said: Said = [("survey.worth_together", whole)]
    said += [(f"survey.least_satisfied({_joined(g)})", slack) for g in least[:3]]
    places = CURRENCY_PLACES.get(unit, rule.places)
    draft = _draft(f"{way}_{stable_id(game)[:8]}", share, f"{unit}/{places}", rule)
    if draft is None:
        said.append(("survey.no_draft", 0))
    alone = {p: worth[frozenset([p])] for p in players}
    rows = [
        {**row, "party_id": p, "alone": alone[p], "amount": share[p], "gain": share[p] - alone[p],
         "reasons": [("survey.worth_alone", alone[p]), ("survey.gain", share[p] - alone[p])]}
        for p in players
    ]  # fmt: skip
    parties = {f"p{k}": p for k, p in enumerate(players, 1)}
    return rows, {**row, "worth": whole, "core": slack >= 0, "slack": slack, "draft": draft,
                  "parties": json.dumps(parties), "reasons": said}  # fmt: skip


def _worth(worth: dict[Group, int]) -> Worth:
    return worth.__getitem__


def _faults(players: list[str], worth: dict[Group, int], way: str) -> Said:
    """Return why there can be no shares: groups without a worth, the first few by name."""
    if len(players) > MOST_PLAYERS:
        return [("survey.players", len(players))]
    every = [frozenset(p for k, p in enumerate(players) if code >> k & 1)
             for code in range(1, 2 ** len(players))]  # fmt: skip
    lost = sorted(_joined(g) for g in every if g not in worth)
    if lost:
        return [("survey.coalitions_missing", len(lost)),
                *((f"survey.coalition_missing({m})", 0) for m in lost[:5])]  # fmt: skip
    alone = sum(worth[frozenset([p])] for p in players)
    if way == "nucleolus" and alone > worth[frozenset(players)]:
        return [("survey.worse_together", alone - worth[frozenset(players)])]
    return []


def _joined(group: Group) -> str:
    return "+".join(sorted(group))


def in_units(share: dict[str, Fraction]) -> dict[str, int]:
    """Round shares to whole units by largest remainder, ties to the first by name.

    Examples
    --------
    >>> in_units({"a": Fraction(100, 3), "b": Fraction(100, 3), "c": Fraction(100, 3)})
    {'a': 34, 'b': 33, 'c': 33}
    """
    names = sorted(share)
    whole = largest([share[p] for p in names], int(sum(share.values())))
    found = dict(zip(names, whole, strict=True))
    return {p: found[p] for p in share}


def _draft(name: str, share: dict[str, int], unit: str, rule: CooperateRule) -> str | None:
    """Write an agreement that shares by these portions; None if it cannot be one."""
    total = sum(share.values())
    if total <= 0 or min(share.values()) < 0 or not unit.partition("/")[0].isidentifier():
        return None
    names = [f"p{k}" for k in range(1, len(share) + 1)]
    parts = "; ".join(
        f"{n} {Fraction(v, total).numerator}/{Fraction(v, total).denominator}"
        for n, v in zip(names, share.values(), strict=True)
    )
    return (
        f"agreement {name} {{\n"
        f"  unit {unit}\n"
        f"  parties {', '.join(names)}\n"
        f"  valid {rule.first}..{rule.last}\n"
        f"  base yearly = {BASE}\n"
        f"  tier rest {{ {parts} }}\n"
        "}\n"
    )
