"""Screening parties: who on the board may be on a negative list."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from liandong.step import Rule, Tables, each, output
from liandong.step.reasons import reason_list
from liandong.types import PPM, Rate
from liandong.watch.screening.index import Match, NameIndex


class ScreenRule(Rule):
    """Which lists count, on what day, and from where on a likeness is a hit.

    Attributes
    ----------
    as_of
        Entries and parties in being on this day are looked at.
    lists
        Lists that count; empty: all.
    threshold
        Least likeness of a hit.
    most
        Hits of one name at most, the likest first.
    pinyin
        Whether Chinese names are compared by sound, and with names in Latin letters; needs
        pypinyin.
    """

    as_of: date
    lists: tuple[str, ...] = ()
    threshold: Rate = Field(default=Rate(800_000), gt=0, le=PPM)
    most: int = Field(default=5, ge=1, le=100)
    pinyin: bool = False


class _Hit(NamedTuple):
    """A party, one of its names, and the listed name that it may be."""

    party: str
    name: str
    entry: dict[str, Any]
    match: Match


@each(
    reads=("party", "watchlist"),
    writes=("screening_hit",),
    split=("party",),
    by="party_id",
    rule=ScreenRule,
    part=("as_of",),
)
def screen(tables: Tables, rule: ScreenRule) -> Tables:
    """Look for all parties of a day on the negative lists of that day, with reasons.

    A party is looked for by its code, its name and its English name. Codes and check digits come
    first: an equal code is a hit whatever the names, two different ones speak against it. Chinese
    names are compared as a whole, then by brand, place, business and legal form, then by sound;
    others by their words in any order. Each entry is told once, with the likest of its names.
    Running it again for a day replaces the hits of that day.

    Raises
    ------
    MissingExtraError
        If the rule wants pinyin and pypinyin is not installed.
    """
    listed = on_lists(tables["watchlist"], rule)
    best: dict[tuple[str, str, str], _Hit] = {}
    if len(listed):
        index = NameIndex(
            listed["name"].to_pylist(), listed["credit_code"].to_pylist(), pinyin=rule.pinyin
        )
        for hit in _hits(_in_being(tables["party"], rule.as_of), index, listed.to_pylist(), rule):
            key = (hit.party, hit.entry["list_id"], hit.entry["entry_id"])
            if key not in best or hit.match.score > best[key].match.score:
                best[key] = hit
    found = [best[key] for key in sorted(best)]
    return output(
        "screening_hit",
        party_id=[h.party for h in found],
        list_id=[h.entry["list_id"] for h in found],
        entry_id=[h.entry["entry_id"] for h in found],
        as_of=[rule.as_of] * len(found),
        party_name=[h.name for h in found],
        listed=[h.entry["name"] for h in found],
        score=np.array([h.match.score for h in found], np.int32),
        reasons=reason_list([h.match.reasons for h in found]),
    )


def on_lists(watchlist: pa.Table, rule: ScreenRule) -> pa.Table:
    """Return the entries that count under a rule, by list, entry and name.

    Parameters
    ----------
    watchlist
        Rows of the table ``watchlist``.
    rule
        Which lists, on what day.
    """
    found = _in_being(watchlist, rule.as_of)
    if rule.lists:
        found = found.filter(pc.is_in(found["list_id"], value_set=pa.array(rule.lists)))
    return found.sort_by([(c, "ascending") for c in ("list_id", "entry_id", "name")])


def _in_being(rows: pa.Table, day: date) -> pa.Table:
    begun = pc.fill_null(pc.less_equal(rows["valid_from"], pa.scalar(day)), fill_value=True)
    ended = pc.fill_null(pc.less(rows["valid_to"], pa.scalar(day)), fill_value=False)
    return rows.filter(pc.and_not(begun, ended))


def _hits(
    party: pa.Table, index: NameIndex, listed: list[dict[str, Any]], rule: ScreenRule
) -> Iterator[_Hit]:
    for row in party.select(["party_id", "name", "name_en", "credit_code"]).to_pylist():
        for name in dict.fromkeys(n for n in (row["name"] or "", row["name_en"]) if n is not None):
            found = index.find(name, row["credit_code"], most=rule.most, least=rule.threshold)
            yield from (_Hit(row["party_id"], name, listed[m.row], m) for m in found)
