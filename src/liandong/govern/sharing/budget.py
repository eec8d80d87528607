"""Privacy budgets as accounts of the ledger, in millionths of epsilon.

What a receiver may still spend on a data set is the balance of one account. Its debits are capped:
the ledger refuses what would overdraw it, whoever posts at the same time. The account of the data
set stands on the other side: its credits are what was spent on it by all receivers together, and
grants that were taken back, which is the bound if they pool what they have got.
"""

from liandong.schema.tables.ledger import ACCOUNT
from liandong.schema.tables.releasing import EPSILON
from liandong.step import Tables, fold, output

CAPPED = ACCOUNT.field("capped").choices[0]
"""Debits never exceed credits."""
GRANT = "grant:"
"""What the ids of entries begin with that give a budget."""


def budget_account(receiver: str, dataset: str) -> str:
    """Name the account of a receiver's budget for a data set.

    Examples
    --------
    >>> budget_account("B01", "loan")
    'memo:loan@B01:epsilon'
    """
    return f"memo:{dataset}@{receiver}:{EPSILON}"


def dataset_account(dataset: str) -> str:
    """Name the account of a data set, from which budgets come and to which they return spent."""
    return f"memo:{dataset}:{EPSILON}"


def accounts(pairs: set[tuple[str, str]]) -> Tables:
    """Return the accounts of receivers and data sets as table ``account``, each once."""
    capped: dict[str, str | None] = {budget_account(*pair): CAPPED for pair in pairs}
    owned = {budget_account(*pair): pair[0] for pair in pairs}
    owned |= {dataset_account(d): d for _, d in pairs}
    ids = sorted(owned)
    return output(
        "account",
        account_id=ids, owner_id=[owned[i] for i in ids], unit=[EPSILON] * len(ids),
        code=["memo"] * len(ids), capped=[capped.get(i) for i in ids],
    )  # fmt: skip


@fold(
    reads=("privacy_grant",),
    writes=("account", "entry"),
    needs={"privacy_grant": "load"},
    approval=("privacy_grant",),
)
def grant(tables: Tables, rule: object) -> Tables:  # noqa: ARG001 - nothing to set
    """Give receivers the budgets of ``privacy_grant``, once somebody else has approved them.

    Entry ``grant:ID`` debits the account of the data set and credits that of the receiver. What is
    posted already stays: a grant that has become another one is refused by the ledger, and one
    that is taken back is reversed there, as far as it is not spent.
    """
    rows = tables["privacy_grant"].to_pylist()
    n = len(rows)
    return {
        **accounts({(r["receiver_id"], r["dataset"]) for r in rows}),
        **output(
            "entry",
            entry_id=[GRANT + r["grant_id"] for r in rows],
            debit=[dataset_account(r["dataset"]) for r in rows],
            credit=[budget_account(r["receiver_id"], r["dataset"]) for r in rows],
            amount=[r["epsilon"] for r in rows], unit=[EPSILON] * n, phase=["posted"] * n,
            event_time=[r["granted_on"] for r in rows], agreement=[None] * n,
            ref=[r["grant_id"] for r in rows],
        ),
    }  # fmt: skip
