"""Contracting processes as the indicators read them: bids, awards, and what state they are in."""

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from liandong.step import Tables
from liandong.types import since_epoch

UNSUBMITTED = ("invited", "withdrawn")
ENDED = ("active", "cancelled", "unsuccessful")


@dataclass(frozen=True)
class Bid:
    """A bid: its state, moment (microseconds), price and who made it."""

    status: str | None
    at: int | None
    amount: int | None
    currency: str | None
    tenderers: tuple[str, ...]

    @property
    def one(self) -> str | None:
        """The only tenderer; None if there are several or none."""
        return self.tenderers[0] if len(self.tenderers) == 1 else None

    def priced(self, currency: str) -> bool:
        """Tell whether there is a price in this currency."""
        return self.amount is not None and self.currency == currency


@dataclass(frozen=True)
class Award:
    """An award: its state, amount, suppliers and the classes of its items."""

    status: str | None
    amount: int | None
    suppliers: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def one(self) -> str | None:
        """The only supplier; None if there are several or none."""
        return self.suppliers[0] if len(self.suppliers) == 1 else None


@dataclass(frozen=True, eq=False)
class Process:
    """A contracting process with its bids and awards."""

    ocid: str
    buyer: str | None
    entity: str | None
    method: str | None
    details: str | None
    start: int | None
    end: int | None
    tenderers: int | None
    bids: tuple[Bid, ...]
    awards: tuple[Award, ...]

    @cached_property
    def active(self) -> list[Award]:
        """The awards in force."""
        return [a for a in self.awards if a.status == "active"]

    @cached_property
    def submitted(self) -> list[Bid]:
        """The bids that were handed in and not withdrawn."""
        return [b for b in self.bids if b.status and b.status not in UNSUBMITTED]

    @property
    def final(self) -> bool:
        """Whether there are awards and none is still open."""
        return bool(self.awards) and all(a.status is None or a.status in ENDED for a in self.awards)

    def won(self) -> Award | None:
        """Return the only award in force once all are final: then all bids were for the same."""
        return self.active[0] if self.final and len(self.active) == 1 else None

    @property
    def stake(self) -> int:
        """What was awarded; where no amount was, the most that was bid."""
        awarded = sum(a.amount or 0 for a in self.active)
        return max(awarded or max((b.amount or 0 for b in self.bids), default=0), 0)


def processes(tables: Tables, exclude: tuple[str, ...]) -> list[Process]:
    """Return the processes that were not cancelled, by id."""
    bids, awards = (_by_process(tables[t], k) for t, k in
                    (("tender_bid", "bid_id"), ("tender_award", "award_id")))  # fmt: skip
    return [
        Process(
            t["ocid"], t["buyer_id"], t["entity_id"], t["method"], t["method_details"],
            _moment(t["start_at"]), _moment(t["end_at"]), t["tenderers"],
            tuple(_bid(b) for b in bids[t["ocid"]]), tuple(_award(a) for a in awards[t["ocid"]]),
        )
        for t in tables["tender"].sort_by("ocid").to_pylist()
        if t["status"] != "cancelled" and t["method_details"] not in exclude
    ]  # fmt: skip


def _by_process(table: pa.Table, key: str) -> dict[str, list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in table.sort_by([("ocid", "ascending"), (key, "ascending")]).to_pylist():
        found[row["ocid"]].append(row)
    return found


def _bid(b: dict[str, Any]) -> Bid:
    return Bid(
        b["status"], _moment(b["at"]), b["amount"], b["currency"], tuple(json.loads(b["tenderers"]))
    )


def _award(a: dict[str, Any]) -> Award:
    names = (tuple(json.loads(a[n])) for n in ("suppliers", "classes"))
    return Award(a["status"], a["amount"], *names)


def _moment(at: Any) -> int | None:  # noqa: ANN401 - a datetime or None
    return None if at is None else since_epoch(at)
