"""Tracing cases one by one, to the fen that tracing everything at once would find."""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from liandong.schema.arrow import conform, empty
from liandong.step import Rule, Tables, each
from liandong.trace.follow import FollowRule, Method, follow

FLOW = [n for n in empty("case_flow").column_names if n != "case_id"]


class CasesRule(Rule):
    """Which loans are followed, by what rule, and until when; as in ``trace.follow``.

    Transfers of one time and number stand in the order of their ids: what else their order might
    depend on, a case does not know.

    Attributes
    ----------
    method
        Which money leaves an account first.
    loans
        Ids of loans; none means all.
    until
        Last day (UTC) whose transfers count; None means all.
    window_days
        Days of a window of ``tiho``; 0 takes all transfers as one.
    """

    method: Method = "fifo"
    loans: tuple[str, ...] = ()
    until: date | None = None
    window_days: int = Field(default=0, ge=0)


@each(
    reads=("case_flow", "case_loan", "bank_account"),
    writes=("case_trail", "case_holding"),
    split=("case_flow", "case_loan"),
    by="case_id",
    rule=CasesRule,
    part=("method",),
)
def cases(tables: Tables, rule: CasesRule) -> Tables:
    """Follow the loans of each case through its transfers, see ``trace.follow``.

    Cases come from ``trace.prune``. What is found is what ``trace.follow`` finds with all
    transfers, loan by loan and fen by fen; but a case needs only its own, on whatever machine. The
    cap of a holding is told for accounts of the case.
    """
    found = [_traced(case, tables, rule) for case in _names(tables["case_loan"], rule)]
    return {
        name: pa.concat_tables([empty(name), *(one[name] for one in found)])
        for name in ("case_trail", "case_holding")
    }


def _names(loan: pa.Table, rule: CasesRule) -> list[str]:
    """Return the cases that have a loan to be followed, in order."""
    if rule.loans:
        loan = loan.filter(pc.is_in(loan["loan_id"], value_set=pa.array(rule.loans)))
    return sorted(pc.unique(loan["case_id"]).to_pylist())


def _traced(case: str, tables: Tables, rule: CasesRule) -> Tables:
    own = {
        n: tables[n].filter(pc.equal(tables[n]["case_id"], case))
        for n in ("case_flow", "case_loan")
    }
    loans = own["case_loan"]["loan_id"].to_pylist()
    wanted = tuple(sorted({*loans} & {*rule.loans} if rule.loans else loans))
    flow = own["case_flow"].select(FLOW)
    asked = FollowRule(
        method=rule.method, loans=wanted, until=rule.until, window_days=rule.window_days, lots=False
    )
    found = follow(flow.select(FLOW), tables["bank_account"], rule=asked)
    return {
        f"case_{n}": conform(
            f"case_{n}", found[n].add_column(0, "case_id", pa.array([case] * len(found[n])))
        )
        for n in ("trail", "holding")
    }
