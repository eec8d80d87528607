"""Receivables of a buyer's suppliers as projects, each invoice once."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.pricing.costs import portion
from liandong.match.supply.claims import ReceivablesRule, claims, dilution
from liandong.match.supply.prints import with_prints
from liandong.match.supply.related import related
from liandong.match.supply.twice import notes
from liandong.step import Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.types import YUAN, stable_id

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

MONTH_DAYS = 30


@fold(
    reads=("invoice", "party", "score", "edge", "pledge"),
    writes=("project", "receivable"),
    rule=ReceivablesRule,
    part=("as_of",),
    needs={"invoice": "load", "score": "assess.score"},
)
def receivables(tables: Tables, rule: ReceivablesRule) -> Tables:
    """Propose what suppliers are owed by good buyers as projects that the buyers pay back.

    Every claim on a buyer of the rule has a row: what is advanced on it, or 0 with the reasons
    against it: supplier and buyer are related, the invoice is pledged or is there twice, too much
    of the supplier's sales is taken back, the buyer has no room left, or too little would be
    advanced. What only looks like an altered copy is marked as suspicious. Projects go into the
    table of projects as a part of their own beside those that were loaded; ``obligor_id`` says on
    whom their price leans.

    Raises
    ------
    DataError
        If there are no invoices, or no scores on the day.
    """
    claim = with_prints(claims(tables, rule), tables["party"])
    project = _projects(claim, rule)
    found = notes(claim, project, tables["pledge"], rule.as_of)
    doubts = [found.altered, found.renumbered]
    suspicious = np.any([d.is_valid().to_numpy(zero_copy_only=False) for d in doubts], axis=0)
    against = Reasons(len(claim))
    against.add("match.claim_related", 0, related(claim, tables, rule.as_of, rule.related_share))
    back = dilution(tables["invoice"], claim, rule)
    against.add("match.claim_diluted", back, back > rule.dilution_most)
    against.add(found.pledged)
    against.add(found.twice)
    against.add("match.claim_suspicious", 0, suspicious & rule.refuse_suspicious)
    advance = _within(claim, project, against, rule)
    against.add("match.claim_due", claim["amount"].to_numpy() // YUAN)
    left = advance > 0
    against.add("match.claim_advance", int(rule.advance_rate), left)
    against.add("match.claim_buyer", claim["pd"].to_numpy(), left)
    for doubt in doubts:
        against.add(doubt)
    return {
        **_receivable(claim, project, advance, suspicious, against.column(), rule),
        **_project(
            claim.filter(pa.array(left)), project.filter(pa.array(left)), advance[left], rule
        ),
    }


def _projects(claim: pa.Table, rule: ReceivablesRule) -> pa.Array:
    """Return the project that each claim belongs to: its id is a hash of what it is about."""
    each = ["invoice_id"] if rule.each == "invoice" else ["seller", "buyer"]
    keys = pc.binary_join_element_wise(*(claim[n] for n in each), "\x1f").combine_chunks()
    coded = keys.dictionary_encode()
    made = [stable_id("receivable", key, rule.as_of) for key in coded.dictionary.to_pylist()]
    return pa.array(made, pa.string()).take(coded.indices)


def _within(claim: pa.Table, project: pa.Array, against: Reasons, rule: ReceivablesRule) -> Int:
    """Return what is advanced on each claim within all limits, and add what speaks against it."""
    full = portion(claim["amount"].to_numpy(), int(rule.advance_rate))
    advance = np.where(against.any(), 0, full)
    if rule.buyer_most is not None:
        beyond = (advance > 0) & (_upto(claim, advance) > rule.buyer_most)
        against.add("match.claim_buyer_full", int(rule.buyer_most) // YUAN, beyond)
        advance = np.where(beyond, 0, advance)
    code = project.dictionary_encode().indices.to_numpy()
    total = np.zeros(code.max(initial=-1) + 1, np.int64)
    np.add.at(total, code, advance)
    small = ~against.any() & (total[code] < rule.least)
    against.add("match.claim_small", int(rule.least) // YUAN, small)
    return np.where(small, 0, advance)


def _upto(claim: pa.Table, advance: Int) -> Int:
    """Return what is advanced on the same buyer up to each claim, the oldest invoice first."""
    buyer = claim["buyer"].combine_chunks().dictionary_encode().indices.to_numpy()
    day = claim["date"].cast(pa.int32()).to_numpy()
    name = pc.rank(claim["invoice_id"]).to_numpy()
    order = np.lexsort((name, day, buyer))
    run = np.cumsum(advance[order])
    begins = np.diff(buyer[order], prepend=-1) != 0
    before = np.where(begins, run - advance[order], 0)
    out = np.empty(len(advance), np.int64)
    out[order] = run - np.maximum.accumulate(before)
    return out


def _receivable(
    claim: pa.Table, project: pa.Array, advance: Int, suspicious: Bool, reasons: pa.Array,
    rule: ReceivablesRule,
) -> Tables:  # fmt: skip
    left = pa.array(advance > 0)
    return output(
        "receivable",
        invoice_id=claim["invoice_id"],
        as_of=pa.repeat(pa.scalar(rule.as_of), len(claim)),
        project_id=pc.if_else(left, project, None),
        seller_id=claim["seller"],
        buyer_id=claim["buyer"],
        amount=claim["amount"],
        advance=advance,
        due=claim["due"],
        suspicious=suspicious,
        reasons=reasons,
    )


def _project(claim: pa.Table, project: pa.Array, advance: Int, rule: ReceivablesRule) -> Tables:
    """Return the projects: what is advanced in all, until the last of their invoices is due."""
    each = pa.table({
        "project_id": project, "party_id": claim["seller"], "obligor_id": claim["buyer"],
        "need": advance, "due": claim["due"],
    })  # fmt: skip
    keys = ["project_id", "party_id", "obligor_id"]
    found = each.group_by(keys, use_threads=False).aggregate([("need", "sum"), ("due", "max")])
    days = found["due_max"].cast(pa.int32()).to_numpy() - (rule.as_of - date(1970, 1, 1)).days
    n = len(found)
    return output(
        "project",
        **{name: found[name] for name in keys},
        need=found["need_sum"],
        term_months=np.maximum(1, -(-days // MONTH_DAYS)),
        purpose=pa.repeat(rule.purpose, n),
        asked_on=pa.repeat(pa.scalar(rule.as_of), n),
    )
