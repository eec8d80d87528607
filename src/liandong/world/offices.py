"""What else offices know: taxes paid, exports, fines before a failure and its cost to owners."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from liandong.world.arrays import Floats, Ints, chance
from liandong.world.events import DEFAULT, ENFORCEMENT, PENALTY, Events
from liandong.world.firms import Cast, Firms
from liandong.world.industries import CODES
from liandong.world.months import Months
from liandong.world.signals import Series, series_table
from liandong.world.ties import Owners

EXPORTERS = np.array([0.05, 0.15, 0.3, 0.5])
"""Share of the manufacturers that export, by size."""
DECLARED = 0.9
"""Share of the exporters that share what customs know of them."""
FINED_BEFORE, OWNER_ENFORCED = 0.25, 0.4
"""Share of the failing firms that are fined in the half year before they default, and of the
defaults after which a court enforces against the owner."""


def customs_signals(
    firms: Firms, sales: Floats, cast: Cast, months: Months, rng: Generator
) -> pa.Table:
    """Return ``signal`` of customs: what manufacturers sell abroad, a share of all they sell.

    Parameters
    ----------
    sales
        Net sales by firm and month, fen.
    """
    makes = np.array([c.startswith("C") for c in CODES])[firms.industry]
    export = np.flatnonzero(chance(rng, EXPORTERS[firms.size], len(firms)) & makes)
    part = rng.uniform(0.1, 0.6, (len(export), 1)) * rng.lognormal(0, 0.15, sales[export].shape)
    values = np.rint(np.clip(sales[export], 0, None) / 100 * np.minimum(part, 1))
    return series_table(
        Series("customs", "exports", "yuan", DECLARED, 12, export, values), cast, months, rng
    )


def tax_signals(
    offices: pa.Table, paid: Ints, cast: Cast, months: Months, rng: Generator
) -> pa.Table:
    """Return ``signal`` of the taxes that firms paid, of those whose declarations are shared.

    Parameters
    ----------
    offices
        ``signal`` so far.
    paid
        Taxes that fell due by firm and month, fen.
    """
    declared = offices.filter(pc.equal(offices["measure"], "declared_sales"))
    shares = pc.is_in(cast.ids[: len(paid)], value_set=pc.unique(declared["party_id"]))
    firm = np.flatnonzero(shares.to_numpy(zero_copy_only=False))
    values = np.rint(paid[firm] / 100)
    return series_table(Series("tax", "tax_paid", "yuan", 1.0, 20, firm, values), cast, months, rng)


def draw_sanctions(
    events: Events, owners: Owners, cast: Cast, months: Months, rng: Generator
) -> Events:
    """Return the events, with fines of firms about to default and enforcement against owners."""
    row = np.flatnonzero(events.kind == DEFAULT)
    firm, day = events.party[row], events.day[row]
    fined, forced = (chance(rng, s, len(row)) for s in (FINED_BEFORE, OWNER_ENFORCED))
    before = day - rng.integers(20, 180, len(row))
    after = day + rng.integers(40, 150, len(row))
    fine = (rng.lognormal(9.5, 1.0, len(row)) * 100).astype(np.int64)
    late = rng.integers(2, 30, (2, len(row)))
    fined &= before >= months.first[0]
    forced &= (owners.person[firm] >= 0) & (after < months.end)
    who = np.concatenate([firm[fined], cast.person + owners.person[firm[forced]]])
    when = np.concatenate([before[fined], after[forced]])
    found = Events(
        party=np.concatenate([events.party, who]),
        kind=np.concatenate(
            [events.kind, np.repeat([PENALTY, ENFORCEMENT], [fined.sum(), forced.sum()])]
        ),
        day=np.concatenate([events.day, when]),
        seen=np.concatenate([events.seen, when + np.append(late[0, fined], late[1, forced])]),
        amount=np.concatenate([events.amount, fine[fined], events.amount[row][forced]]),
        loan=np.concatenate([events.loan, np.full(len(who), -1)]),
    )
    order = np.lexsort((found.kind, found.party, found.day))
    return Events(**{n: a[order] for n, a in vars(found).items()})
