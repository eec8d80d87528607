"""Bank accounts of everybody."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import Floats, Ints, chance, dates, numbered, pick
from liandong.world.firms import Cast, Firms
from liandong.world.industries import PROPERTY
from liandong.world.names import BANKS
from liandong.world.regions import MAINLAND

KINDS = ("current", "deposit", "tax", "loan", "fee", "cash", "securities", "wealth", "property")
CODE = {k: i for i, k in enumerate(KINDS)}


@dataclass(frozen=True)
class Accounts:
    """Accounts by number; the current account of a firm has the number of the firm.

    Attributes
    ----------
    party, bank, kind
        One entry an account: number of the owner, index of the bank, index into ``KINDS``.
    number
        Account numbers, in no order.
    spending, savings
        First of the households' accounts to pay from and to be paid into; one a region each.
    treasury, tax
        First of the governments' accounts to pay from and for taxes; one a region each.
    loan, fee, cash
        First of the banks' accounts for loans, fees and cash; one a bank each.
    securities, wealth
        By firm, -1 where there is none.
    property
        Numbers of the accounts that home and office buyers pay into.
    """

    party: Ints
    bank: Ints
    kind: Ints
    number: Ints
    spending: int
    savings: int
    treasury: int
    tax: int
    loan: int
    fee: int
    cash: int
    securities: Ints
    wealth: Ints
    property: Ints

    def __len__(self) -> int:
        return len(self.party)

    @cached_property
    def ids(self) -> pa.Array:
        """Account ids by number."""
        return numbered("A", self.number, 7)


def open_accounts(firms: Firms, cast: Cast, investors: Ints, rng: Generator) -> Accounts:
    """Open accounts for all; ``investors`` have securities accounts whatever the draw says."""
    count = len(firms)
    region, bank = np.arange(len(MAINLAND)), np.arange(len(BANKS.han))
    invests = np.union1d(np.flatnonzero(chance(rng, 0.08, count)), investors)
    saves = np.flatnonzero(chance(rng, 0.06, count))
    groups = {
        "firms": (np.arange(count), "current"),
        "spending": (cast.household + region, "current"),
        "savings": (cast.household + region, "deposit"),
        "treasury": (cast.government + region, "current"),
        "tax": (cast.government + region, "tax"),
        "loan": (cast.bank + bank, "loan"),
        "fee": (cast.bank + bank, "fee"),
        "cash": (cast.bank + bank, "cash"),
        "securities": (invests, "securities"),
        "wealth": (saves, "wealth"),
        "property": (np.flatnonzero(firms.industry == PROPERTY), "property"),
    }
    sizes = [len(owner) for owner, _ in groups.values()]
    begin = dict(zip(groups, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))
    party = np.concatenate([owner for owner, _ in groups.values()])
    own, firm = party >= cast.bank, party < count
    bank_of = np.where(own, party - cast.bank, 0)
    bank_of[firm] = firms.bank[party[firm]]
    return Accounts(
        party=party,
        bank=bank_of,
        kind=np.repeat([CODE[k] for _, k in groups.values()], sizes),
        number=rng.permutation(len(party)) + 1,
        **{n: begin[n] for n in ("spending", "savings", "treasury", "tax", "loan", "fee", "cash")},
        securities=_by_firm(count, invests, begin["securities"]),
        wealth=_by_firm(count, saves, begin["wealth"]),
        property=np.arange(begin["property"], begin["property"] + sizes[-1]),
    )


def _by_firm(count: int, owners: Ints, begin: int) -> Ints:
    found = np.full(count, -1)
    found[owners] = begin + np.arange(len(owners))
    return found


def bank_account_table(
    accounts: Accounts, firms: Firms, cast: Cast, opening: Ints, rng: Generator
) -> pa.Table:
    """Return ``bank_account`` in the order of the ids."""
    opened = rng.integers(10_000, 16_000, len(accounts))
    firm = accounts.party < len(firms)
    opened[firm] = firms.founded[accounts.party[firm]] + 30
    order = np.argsort(accounts.number)
    return build("bank_account", {
        "account_id": accounts.ids.take(pa.array(order)),
        "party_id": pick(cast.ids, accounts.party[order]),
        "bank_id": pick(cast.ids, cast.bank + accounts.bank[order]),
        "kind": pick(KINDS, accounts.kind[order]),
        "opened": dates(opened[order]),
        "opening_balance": opening[order],
    })  # fmt: skip


def opening_balances(accounts: Accounts, firms: Firms, net: Floats, rng: Generator) -> Ints:
    """Return what each account held before the first day, fen.

    Firms hold a month's sales or so, and what is missing at the lowest week end, up to half a
    year's sales (beyond that they overdraw). The others hold all that is missing, and twice the
    worst week for what happens within it.

    Parameters
    ----------
    accounts, firms
        The world so far.
    net
        Money in less money out, by account and week, fen.
    rng
        Draws the reserves.
    """
    reserve = 2 * np.maximum(-net.min(axis=1), 0)
    reserve[: len(firms)] = firms.revenue * 100 / 12 * rng.lognormal(-0.3, 0.6, len(firms))
    missing = np.maximum(-np.cumsum(net, axis=1).min(axis=1), 0)
    most = np.full(len(accounts), np.inf)
    most[: len(firms)] = firms.revenue * 100 / 2
    return np.asarray(np.rint(reserve + np.minimum(missing, most)), np.int64)
