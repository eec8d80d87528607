"""The ledger as pages show it: units with their places, days as of which it is seen, proofs."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from liandong.console import agreeing
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.schema.field import MINOR_UNITS, Table
from liandong.schema.tables.releasing import EPSILON, EPSILON_PLACES
from liandong.types import CHINA, CURRENCY_PLACES


@dataclass(frozen=True)
class AsOf:
    """As of which day the ledger is seen: by what holds, by what had been written, or both."""

    event: date | None
    book: date | None

    @classmethod
    def of(cls, query: Query) -> "AsOf":
        """Read the days of an address."""
        return cls(query.day("event"), query.day("book"))

    @property
    def written(self) -> datetime | None:
        """The end of the day of writing, by the clocks of China."""
        return datetime.combine(self.book, time.max, CHINA) if self.book else None

    def within(self, where: Where) -> Where:
        """Add that an entry ``e`` counts."""
        if self.event:
            where.add("e.event_time <= ?", self.event)
        if self.written:
            where.add("e.book_time IS NULL OR e.book_time <= ?", self.written)
        return where


def places(reading: Reading) -> dict[str, int]:
    """Return the decimal places of units: of currencies, of budgets, as agreements declare them."""

    def made() -> dict[str, int]:
        told = agreeing.read([*agreeing.agreements(reading).values()])["agreement_note"]
        declared = {n["unit"]: n["places"] for n in told if n["kind"] == "heading"}
        return declared | CURRENCY_PLACES | {EPSILON: EPSILON_PLACES}

    return reading.once(("places",), made)


def places_of(reading: Reading, spec: Table) -> dict[str, int]:
    """Return the decimal places of the units of a table; empty if all its amounts are in yuan."""
    return places(reading) if any(f.unit == MINOR_UNITS for f in spec.fields) else {}


def names(reading: Reading, owners: list[str]) -> dict[str, Row]:
    """Return the parties among some owners, by id."""
    found = reading.rows(
        "SELECT party_id, name, name_en FROM party WHERE list_contains(?, party_id)",
        sorted({*owners}),
    )
    return {r["party_id"]: r for r in found}


def proofs(reading: Reading, entries: list[Row]) -> dict[str, int]:
    """Return the act of the log that wrote each entry, by its id."""
    runs = sorted({e["run_id"] for e in entries if e["run_id"]})
    done = reading.rows(
        "SELECT subject, max(seq) AS seq FROM act WHERE action = 'run.done'"
        " AND list_contains(?, subject) GROUP BY subject", runs,
    )  # fmt: skip
    of_run = {r["subject"]: r["seq"] for r in done}
    found = {e["entry_id"]: of_run[e["run_id"]] for e in entries if e["run_id"] in of_run}
    own = [e for e in entries if not e["run_id"] and e["book_time"]]
    if own:
        acts = _posted(reading, *(f(e["book_time"] for e in own) for f in (min, max)))
        for act in acts:
            mine = [e for e in own if act["first"] <= e["book_time"] <= act["last"]]
            found |= {e["entry_id"]: act["seq"] for e in mine}
    return found


def _posted(reading: Reading, since: datetime, until: datetime) -> list[Row]:
    """Return the acts that posted something in a span of book times."""
    moment = 'TRY_CAST(regexp_extract(body, \'"{end}": ?"([^"]+)"\', 1) AS TIMESTAMPTZ)'
    return reading.rows(
        "SELECT * FROM (SELECT seq, {first} AS first, {last} AS last FROM act"
        " WHERE action = 'ledger.post') WHERE last >= ? AND first <= ?",
        since, until, first=moment.replace("{end}", "first"), last=moment.replace("{end}", "last"),
    )  # fmt: skip


def shown(account: Row, **more: Any) -> Row:  # noqa: ANN401 - of several kinds
    """Return counters of an account with its balance, which is debits less credits."""
    return {**account, "balance": account["debit"] - account["credit"], **more}
