"""Claims that are pledged already, that are there twice, or that look like an altered copy."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.supply.prints import PRINTS, first_other, numbers, one_off

Int = NDArray[np.int64]


class Notes(NamedTuple):
    """Reasons of each claim, null where there is none: against it, and doubts about it."""

    pledged: pa.Array
    twice: pa.Array
    altered: pa.Array
    renumbered: pa.Array


def in_force(pledge: pa.Table, day: date) -> pa.Table:
    """Return the pledges that hold on a day."""
    ended = pc.fill_null(pc.less_equal(pledge["released_on"], pa.scalar(day)), fill_value=False)
    return pledge.filter(pc.and_not(pc.less_equal(pledge["pledged_on"], pa.scalar(day)), ended))


def notes(claim: pa.Table, project: pa.Array, pledge: pa.Table, day: date) -> Notes:
    """Hold claims against pledges and against each other.

    A pledge of the very project that a claim would be in is its own and does not count. Of claims
    with one fingerprint the first stands, the others are the same invoice under another id.

    Parameters
    ----------
    claim
        Claims with number and fingerprints, in a fixed order.
    project
        The project of each.
    pledge
        The table.
    day
        Pledges in force on this day count.
    """
    held = in_force(pledge, day)
    own = pc.binary_join_element_wise(claim["invoice_id"].combine_chunks(), project, "\x1f")
    ids = pc.binary_join_element_wise(held["invoice_id"], held["project_id"], "\x1f")
    held = held.filter(pc.invert(pc.is_in(ids, value_set=own)))
    held = held.sort_by([(n, "ascending") for n in ("pledged_on", "invoice_id", "project_id")])
    held = held.append_column("number", numbers(held["invoice_id"]))
    names = [*PRINTS, "number", "invoice_id"]
    both = [held.select(names), claim.select(names)]
    known = pa.concat_tables(both, promote_options="default").combine_chunks()
    full, by_number, content, number, invoice = (known[n].combine_chunks() for n in names)
    first = pc.index_in(full, value_set=full).to_numpy()[len(held) :].astype(np.int64)
    pledged = first < len(held)
    lender = held["lender_id"].combine_chunks()
    copy = ~pledged & (first < len(held) + np.arange(len(claim)))
    version = full.dictionary_encode().indices.to_numpy().astype(np.int64)
    altered = first_other(by_number, version)[len(held) :]
    renumbered = one_off(content, number)[len(held) :]
    return Notes(
        _coded("match.claim_pledged", lender, np.where(pledged, first, -1)),
        _coded("match.claim_twice", invoice, np.where(copy, first, -1)),
        _coded("match.claim_altered", invoice, altered),
        _coded("match.claim_renumbered", invoice, renumbered),
    )


def _coded(code: str, names: pa.Array, at: Int) -> pa.Array:
    """Return ``code(name)`` of the name at each place, null where it is negative."""
    found = names.take(pa.array(at, mask=at < 0))
    return pc.binary_join_element_wise(code + "(", found, ")", "")
