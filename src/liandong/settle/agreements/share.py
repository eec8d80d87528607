"""The step that shares out what came in, as agreements say."""

from typing import Any

from liandong.errors import DataError
from liandong.settle.agreements.entries import came_in, clause_of, shared
from liandong.settle.agreements.evaluating import evaluate
from liandong.settle.agreements.nodes import Agreement, Clause, Facts
from liandong.settle.agreements.posting import Posting
from liandong.settle.agreements.rules import AgreementRule, Signed
from liandong.settle.agreements.simulating import base_units
from liandong.settle.bases.known import known
from liandong.step import Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.texts import both


@fold(
    reads=("base_amount", "share", "share_entry", "derived_amount"),
    writes=("share", "share_entry"),
    rule=AgreementRule,
)
def share(tables: Tables, rule: AgreementRule) -> Tables:
    """Share out the amounts of ``base_amount`` by every agreement of the rule.

    Those of ``derived_amount``, worked out from what is on the board, count as well. Amounts of one
    base are added up over those with whom they arise. ``share`` says what each
    party has of each period: periods that were there before stay as they are, and later ones make
    up for amounts that have been corrected since. ``share_entry`` is the same as entries of a
    ledger: shares of a base are credited to parties from the account of the agreement; losses, and
    subsidies that are paid, are debited to them.

    Raises
    ------
    DataError
        If a base comes in another unit than that of the agreement, if periods overlap, a rate is
        missing, or an amount is both given and worked out.
    """
    amounts, before = known(tables), tables["share"].to_pylist()
    booked = tables["share_entry"].to_pylist()
    rows, entries = list[_Row](), list[_Row]()
    for signed in rule.agreements:
        agreement = signed.read()
        kept = [r for r in before if r["agreement"] == signed.name]
        new = evaluate(agreement, _facts(agreement, amounts), _history(kept, signed))
        clauses = {c.name: c for c in agreement}
        mine = [*kept, *(_row(signed, clauses[p.clause], p) for p in new)]
        entries += [e for r in mine for e in shared(r, clauses.get(r["clause"]))]
        for clause in agreement:
            closed = {r["period"] for r in kept if r["clause"] == clause.name}
            entries += came_in(clause, signed.name, amounts, mine, booked, closed)
        # What was booked by a clause that is no longer there has been booked.
        gone = [e for e in booked if clause_of(e) not in clauses]
        entries += [e for e in gone if e["agreement"] == signed.name]
        rows += mine
    told = reason_list([[(r["code"], r["points"]) for r in row.pop("reasons")] for row in rows])
    return {
        **output("share", **_columns(rows, _SHARE), reasons=told),
        **output("share_entry", **_columns(entries, _ENTRY)),
    }


_Row = dict[str, Any]
_SHARE = ("agreement", "clause", "party_id", "period", "amount", "unit")
_ENTRY = ("entry_id", "debit", "credit", "amount", "unit", "phase", "event_time", "agreement",
          "ref")  # fmt: skip


def _columns(rows: list[_Row], names: tuple[str, ...]) -> dict[str, list[Any]]:
    return {n: [r[n] for r in rows] for n in names}


def _facts(agreement: Agreement, amounts: list[_Row]) -> Facts:
    """Return what an agreement reads, added up over parties, in its own units."""
    units = base_units(agreement)
    found: dict[tuple[str, str], int] = {}
    for row in amounts:
        unit = units.get(row["base"])
        if unit is None:
            continue
        if row["unit"] != unit.name:
            raise DataError(
                file="base_amount",
                what=both("fault.base_unit", base=row["base"], unit=row["unit"], wanted=unit.name),
                remedy=both("advice.base_unit"),
            )
        key = (row["base"], row["period"])
        found[key] = found.get(key, 0) + row["amount"]
    return found


def _history(kept: list[_Row], signed: Signed) -> list[Posting]:
    names: dict[str, str] = {party: name for name, party in signed.parties.items()}
    return [
        Posting(
            r["clause"],
            names.get(str(r["party_id"]), str(r["party_id"])),
            r["period"],
            r["amount"],
            (),
        )
        for r in kept
    ]


def _row(signed: Signed, clause: Clause, p: Posting) -> _Row:
    return {
        "agreement": signed.name, "clause": p.clause, "period": p.period, "amount": p.amount,
        "party_id": signed.parties.get(p.party, p.party), "unit": clause.unit.name,
        "reasons": [{"code": code, "points": points} for code, points in p.reasons],
    }  # fmt: skip
