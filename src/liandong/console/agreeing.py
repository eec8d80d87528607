"""A hand on an agreement: what is written, what that means, and what it would give."""

import re
import tomllib
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

import pyarrow as pa
import tomli_w

from liandong.console.query import Query, wrong
from liandong.console.reading import Reading, Row
from liandong.console.ruling import placed
from liandong.errors import LiandongError, UsageError
from liandong.schema.arrow import arrow_schema
from liandong.step import Rule
from liandong.step.registry import step
from liandong.store.asking import signed
from liandong.texts import both
from liandong.types import today

CONTRACT, SHARE = "settle.contract", "settle.share"
AMOUNTS = ("base_amount", "derived_amount")
"""What agreements share: amounts that were given, and amounts that were worked out."""
LONG = 8_000
"""Characters of an agreement at most: it stands in an address while it is written."""
BASE = "b."
"""Parameters with this prefix are amounts of bases: ``b.tax.vat.local=10_000_000``."""
CHECKS = {
    "portions": {"agreement_whole_more", "agreement_whole_less"},
    "tiers": {"agreement_overlap", "agreement_rest", "agreement_replaces", "agreement_replaced"},
    "floors": {"agreement_floor_total", "agreement_floor_payer", "agreement_floor_cap",
               "agreement_floor_unpaid"},
    "ends": {"agreement_circle", "agreement_self"},
}  # fmt: skip
"""What is proved of an agreement before anybody signs, and the faults that say it is not so."""


@dataclass(frozen=True)
class Draft:
    """What stands in the form.

    Attributes
    ----------
    text, parties
        The agreement, and who its parties are: ``host=340000, home=310000``.
    reason
        Why.
    amounts
        Of each base in the first year, as they were written.
    growth, since, until
        How they grow, and the years.
    """

    text: str
    parties: str
    reason: str
    amounts: dict[str, str]
    growth: str
    since: int | None
    until: int | None

    @classmethod
    def of(cls, query: Query, kept: Row) -> "Draft":
        """Read the form; where it says nothing, the agreement is as it is."""
        names = [n for n in query.given if n.startswith(BASE)]
        years = [query.whole(n, 0, high=9998) or None for n in ("since", "until")]
        return cls(
            query.text("text", most=LONG).replace("\r\n", "\n") or plain_text(kept),
            query.text("parties") or written(kept.get("parties", {})),
            query.text("reason"),
            {n.removeprefix(BASE): query.text(n) for n in names if query.text(n)},
            query.text("growth") or "0%", *years,
        )  # fmt: skip

    def plain(self, name: str) -> Row:
        """Return the agreement as a rule names it; UsageError if the parties cannot be read."""
        return {"name": name, "text": self.text, "parties": read_parties(self.parties)}

    def rule(self, name: str) -> Rule:
        """Return the rule that is proposed; UsageError says what is wrong with it."""
        return step(SHARE).rule.make(agreements=[self.plain(name)])


def plain_text(kept: Row) -> str:
    """Return the text of an agreement without what it is indented by."""
    return dedent(kept.get("text", "").strip("\n")).rstrip()


def read_parties(text: str) -> dict[str, str]:
    """Read who the parties are.

    Examples
    --------
    >>> read_parties("host=340000, home = 310000")
    {'host': '340000', 'home': '310000'}
    """
    pairs = [p.partition("=") for p in re.split("[,，;\n]", text) if p.strip()]
    if not all(name.strip() and value.strip() for name, _, value in pairs):
        raise wrong("parties", text, both("advice.parties"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def written(parties: dict[str, str]) -> str:
    """Write who the parties are; see :func:`read_parties`."""
    return ", ".join(f"{n}={v}" for n, v in parties.items())


def agreements(reading: Reading) -> dict[str, Row]:
    """Return the agreements that hold, by name: approved ones, and those the last run shared by."""
    ran = reading.first(
        "SELECT r.rule_id, r.toml FROM run JOIN rule r USING (rule_id) WHERE run.step = ?"
        " AND run.status = 'done' ORDER BY run.ended_at DESC LIMIT 1", SHARE,
    )  # fmt: skip
    shared = tomllib.loads(ran["toml"]).get("agreements", []) if ran else []
    found = {a["name"]: {**a, "rule": ran["rule_id"], "version": None} for a in shared if ran}
    return found | {a["name"]: a for a in signed(reading.board.store)}


def read(plain: list[Row], *bases: pa.Table, **asked: object) -> dict[str, Any]:
    """Return the tables of the step that reads agreements, as rows.

    Raises
    ------
    LiandongError
        If an amount or the growth cannot be read.
    """
    toml = tomli_w.dumps({"agreements": [{n: a[n] for n in ("name", "text")} for a in plain]})
    row = {"rule_id": "draft", "kind": step(SHARE).rule.kind(), "toml": toml}
    given = pa.Table.from_pylist([row], schema=arrow_schema("rule"))
    made = step(CONTRACT)
    try:
        found = made(given, *bases, rule=made.rule.make(**asked))
    except (ValueError, ZeroDivisionError) as error:
        raise UsageError(what=both("fault.tried_on"), remedy=both("advice.tried_on")) from error
    return {name: table.to_pylist() for name, table in found.items()}


def looked_at(reading: Reading, draft: Draft) -> Row:
    """Return what a draft says and would give: ``wrong``, ``refused``, or ``right``."""
    asked = {"amounts": draft.amounts, "growth": draft.growth, "since": draft.since,
             "until": draft.until}  # fmt: skip
    try:
        read_parties(draft.parties)
        found = read([draft.plain("draft")], *map(reading.arrow, AMOUNTS), **asked)
    except LiandongError as error:
        return {"state": "refused", **{n: error.text(n) for n in ("zh", "en")}}
    notes = found["agreement_note"]
    wrong_ = [
        {**n, **placed(draft.text, n["line"], n["column"])} for n in notes if n["kind"] == "fault"
    ]
    if wrong_:
        return {"state": "wrong", "faults": wrong_}
    return {
        "state": "right",
        "notes": notes,
        "inputs": found["agreement_input"],
        "shares": found["simulated_share"],
    }


def proved(checked: Row) -> list[Row]:
    """Return the checks that are made before anybody signs, and whether each holds.

    ``holds`` is None as long as the text cannot be read at all.
    """
    codes = {f["code"] for f in checked.get("faults", [])}
    known = set().union(*CHECKS.values())
    unread = checked["state"] == "refused" or bool(codes - known)
    return [
        {"check": name, "holds": False if codes & own else None if unread else True}
        for name, own in CHECKS.items()
    ]


def stage(kept: Row | None, headings: list[Row]) -> str:
    """Return where an agreement stands: a draft, to come, in force, or ended."""
    if kept is None or not headings:
        return "draft"
    now = today()
    if now < min(h["valid_from"] for h in headings):
        return "coming"
    return "ended" if now > max(h["valid_to"] for h in headings) else "in_force"
