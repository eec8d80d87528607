"""Vouchers on invoices of core firms: split, passed on, discounted, settled, some of them twice."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import Ints, choose, dates, numbered, times
from liandong.world.credit import Failures
from liandong.world.firms import Cast
from liandong.world.journal import CLOSING, DAY, OPENING, SECOND
from liandong.world.months import Months
from liandong.world.names import BANKS
from liandong.world.trade import RED, VALID, Invoices
from liandong.world.truth import Fact

CORES_A_FIRM, ON_A_CORE = 0.02, 6
"""Core firms over firms (three at least), and vouchers that each issues, about."""
LEAST_DAYS, MOST_DAYS = 60, 180
"""From the issue of a voucher until it is due."""
MOST_STEPS = 4
UNPAID, NAMED, SLIPS = 0.04, 0.7, 0.05
"""Lots that are not settled when due; acts that name their lot; acts written down wrong."""
STEP = 12
"""Days from an act to the next, on average."""


@dataclass
class Lot:
    """A part of a voucher that somebody holds: where it is from, and what is left of it."""

    act: int
    voucher: int
    holder: int
    left: int


@dataclass
class Desk:
    """Where vouchers are written: acts as rows, in the order in which they were thought of."""

    cast: Cast
    months: Months
    rng: Generator
    rows: list[dict[str, object]] = field(default_factory=list)
    due: list[int] = field(default_factory=list)
    issuer: list[int] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def write(
        self, kind: str, day: int, source: int, target: int, amount: int, **more: object
    ) -> int:  # fmt: skip
        """Write an act down; return its number."""
        ids = self.cast.ids
        moment = day * DAY + int(self.rng.integers(OPENING, CLOSING)) * SECOND
        self.rows.append({
            "act_id": f"Z{len(self.rows) + 1:07d}", "at": moment, "seq": len(self.rows),
            "kind": kind, "from_party": ids[source].as_py(), "to_party": ids[target].as_py(),
            "amount": amount, **more,
        })  # fmt: skip
        return len(self.rows) - 1

    def issue(self, day: int, core: int, seller: int, amount: int, invoice: str) -> Lot:
        """Issue a voucher; return its first lot."""
        due = day + int(self.rng.integers(LEAST_DAYS, MOST_DAYS + 1))
        self.due.append(due)
        self.issuer.append(core)
        number = len(self.due) - 1
        act = self.write(
            "issue", day, core, seller, amount, voucher_id=f"E{number + 1:06d}", due=due,
            invoice_id=invoice,
        )  # fmt: skip
        return Lot(act, number, seller, amount)

    def give(self, kind: str, day: int, lot: Lot, target: int, amount: int, *, named: bool) -> Lot:
        """Pass a part of a lot on; return the lot it becomes."""
        lot.left -= amount
        return Lot(self.told(kind, day, lot, target, amount, named=named), lot.voucher, target,
                   amount)  # fmt: skip

    def told(self, kind: str, day: int, lot: Lot, target: int, amount: int, *, named: bool) -> int:
        """Write that a part of a lot is passed on, without doing it."""
        more: dict[str, object] = {"voucher_id": f"E{lot.voucher + 1:06d}"}
        if named:
            more["lot_id"] = self.rows[lot.act]["act_id"]
        if kind == "discount":
            more["rate"] = int(self.rng.integers(280, 620)) * 100
            more["borne_by"] = "issuer" if self.rng.random() < 0.1 else "holder"
        return self.write(kind, day, lot.holder, target, amount, **more)

    def bank(self) -> int:
        """Return some bank."""
        return self.cast.bank + int(self.rng.integers(0, len(BANKS.han)))

    def table(self) -> pa.Table:
        """Return ``voucher_act``."""
        names = ("act_id", "seq", "kind", "voucher_id", "lot_id", "from_party", "to_party",
                 "amount", "invoice_id", "rate", "borne_by")  # fmt: skip
        due = [r.get("due") for r in self.rows]
        days = np.array([d or 0 for d in due], np.int64)
        return build("voucher_act", {
            **{n: [r.get(n) for r in self.rows] for n in names},
            "at": times(np.array([r["at"] for r in self.rows], np.int64)),
            "due": pa.array(dates(days).to_pylist(), pa.date32(),
                            mask=np.array([d is None for d in due], bool)),
        })  # fmt: skip


def draw_vouchers(
    doubles: int, invoices: Invoices, failures: Failures, cast: Cast, months: Months, rng: Generator
) -> Desk:
    """Draw what happens to the vouchers of some core firms.

    Parameters
    ----------
    doubles
        How many receivables are pledged twice: in turn a lot that goes to two banks, and an invoice
        with two vouchers that are over more than it and go to a bank each.
    """
    desk = Desk(cast, months, rng)
    rows = _accepted(invoices, failures, cast, months, rng)
    twice = set(choose(rng, rows, doubles).tolist())
    for n, row in enumerate(rows.tolist()):
        if row in twice:
            (_lot_twice if len(desk.facts) % 2 == 0 else _invoice_twice)(desk, invoices, row)
        else:
            _honest(desk, invoices, row, n)
    return desk


def _accepted(
    invoices: Invoices, failures: Failures, cast: Cast, months: Months, rng: Generator
) -> Ints:
    """Return the invoices on which core firms issue vouchers: large ones of who buys most."""
    gross = invoices.net + invoices.tax
    good = (invoices.status == VALID) & (invoices.buyer < cast.firms)
    good[invoices.ref[invoices.status == RED]] = False
    good &= (invoices.day + LEAST_DAYS < months.end) & (gross > 0)
    stays = failures.closed >= months.count
    good &= stays[np.minimum(invoices.buyer, cast.firms - 1)]
    bought = np.bincount(invoices.buyer[good], weights=gross[good], minlength=cast.firms)
    cores = np.argsort(-bought, kind="stable")[: max(3, round(CORES_A_FIRM * cast.firms))]
    found = [
        choose(rng, mine[np.argsort(-gross[mine], kind="stable")][: 4 * ON_A_CORE], ON_A_CORE)
        for mine in (np.flatnonzero(good & (invoices.buyer == c)) for c in cores)
    ]
    return np.sort(np.concatenate(found))


def _gross(invoices: Invoices, row: int) -> int:
    return int(invoices.net[row] + invoices.tax[row])


def _name(row: int) -> str:
    return str(numbered("V", np.array([row + 1]), 8)[0])


def _honest(desk: Desk, invoices: Invoices, row: int, n: int) -> None:
    """Issue one voucher on an invoice or, now and then, two that it carries; let them go on."""
    rng, whole = desk.rng, _gross(invoices, row)
    day = int(invoices.day[row]) + int(rng.integers(1, 15))
    sums = [whole // 2, whole - whole // 2] if n % 5 == 0 else [whole - whole // 10]
    for amount in sums:
        lot = desk.issue(
            day, int(invoices.buyer[row]), int(invoices.seller[row]), amount, _name(row)
        )
        _live(desk, lot, day, invoices)


def _live(desk: Desk, lot: Lot, day: int, invoices: Invoices) -> None:
    """Pass parts of a voucher on until it is due, then settle what is left of each."""
    rng, lots, due = desk.rng, [lot], desk.due[lot.voucher]
    for _ in range(int(rng.integers(0, MOST_STEPS + 1))):
        day += 1 + int(rng.exponential(STEP))
        live = [x for x in lots if x.left > 0 and x.holder < desk.cast.firms]
        if day > due or day >= desk.months.end or not live:
            break
        lots.append(_pass_on(desk, live[int(rng.integers(0, len(live)))], lots, day, invoices))
    for x in lots:
        if x.left and due < desk.months.end and rng.random() >= UNPAID:
            more = {"lot_id": desk.rows[x.act]["act_id"]}
            desk.write("settle", due, desk.issuer[x.voucher], x.holder, x.left, **more)


def _pass_on(desk: Desk, lot: Lot, lots: list[Lot], day: int, invoices: Invoices) -> Lot:
    """Discount a part of a lot, or pay a supplier with it; some acts are written wrong first."""
    rng = desk.rng
    whole = rng.random() < 0.4
    amount = lot.left if whole else max(1, int(lot.left * rng.uniform(0.2, 0.8)))
    alone = sum(x.holder == lot.holder and x.left > 0 for x in lots) == 1
    named = bool(rng.random() < NAMED) or not alone
    kind = "discount" if rng.random() < 0.45 else "transfer"
    others = invoices.seller[invoices.buyer == lot.holder]
    others = others[others != desk.issuer[lot.voucher]]
    if kind == "transfer" and not len(others):
        kind = "discount"
    target = desk.bank() if kind == "discount" else int(rng.choice(others))
    if rng.random() < SLIPS:  # a nought too many, seen and put right
        desk.told(kind, day, lot, target, 10 * lot.left, named=True)
    made = desk.give(kind, day, lot, target, amount, named=named)
    if lot.left == 0 and rng.random() < 2 * SLIPS:  # sent once more the next day
        desk.told(kind, day + 1, lot, target, amount, named=True)
    return made


def _two_banks(desk: Desk) -> tuple[int, int]:
    one, two = desk.rng.permutation(len(BANKS.han))[:2].tolist()
    return desk.cast.bank + one, desk.cast.bank + two


def _lot_twice(desk: Desk, invoices: Invoices, row: int) -> None:
    """Discount one lot with two banks: the second finds nothing left."""
    rng, amount = desk.rng, _gross(invoices, row)
    core, seller = int(invoices.buyer[row]), int(invoices.seller[row])
    day = int(invoices.day[row]) + int(rng.integers(1, 15))
    lot = desk.issue(day, core, seller, amount, _name(row))
    one, two = _two_banks(desk)
    day += int(rng.integers(1, 15))
    part = max(1, int(amount * rng.uniform(0.6, 1.0)))
    first = desk.give("discount", day, lot, one, part, named=True)
    again = desk.told("discount", day + int(rng.integers(0, 20)), lot, two, part, named=True)
    claims = [desk.rows[a]["act_id"] for a in (first.act, again)]
    desk.facts.append(Fact(
        "double_pledge", f"{desk.rows[lot.act]['act_id']}#1", desk.cast.ids[seller].as_py(), day,
        part, {"thing": "lot", "claims": claims},
    ))  # fmt: skip


def _invoice_twice(desk: Desk, invoices: Invoices, row: int) -> None:
    """Issue two vouchers that are over more than their invoice; each goes to a bank of its own."""
    rng, whole = desk.rng, _gross(invoices, row)
    core, seller = int(invoices.buyer[row]), int(invoices.seller[row])
    day = int(invoices.day[row]) + int(rng.integers(1, 10))
    acts, later = [], day
    for bank in _two_banks(desk):
        amount = max(1, int(whole * rng.uniform(0.7, 1.0)))
        lot = desk.issue(day, core, seller, amount, _name(row))
        later += 1 + int(rng.integers(0, 10))
        acts.append(desk.give("discount", later, lot, bank, lot.left, named=True).act)
        day += int(rng.integers(0, 5))
    desk.facts.append(Fact(
        "double_pledge", _name(row), desk.cast.ids[seller].as_py(), later, whole,
        {"thing": "invoice", "claims": [desk.rows[a]["act_id"] for a in acts]},
    ))  # fmt: skip
