"""One question under all rules: known answer 1, in fen, through the step."""

import pytest

from liandong.errors import UsageError
from liandong.kernels.money.queues import METHODS
from liandong.schema.tables.tracing import QUEUES
from liandong.trace import BoundsRule, bounds, follow
from support.flows import account_table, flow_table, holdings

LOG = (
    "bank E 30000 disbursement loan=L", "buyer E 20000", "E X 25000", "E Y 15000",
)  # fmt: skip
ACCOUNTS = {"E": 10000}
ANSWERS = {
    "fifo": (15000, 15000, 0),
    "lifo": (5000, 15000, 10000),
    "haircut": (12500, 7500, 10000),
    "clean_first": (0, 10000, 20000),
    "taint_first": (25000, 5000, 0),
    "tiho": (25000, 5000, 0),
}


@pytest.mark.parametrize("method", sorted(ANSWERS))
def test_one_loan_under_every_rule(method):
    got = follow(flow_table(*LOG), account_table(**ACCOUNTS), method=method)
    wanted = {k: v for k, v in zip("XYE", ANSWERS[method], strict=True) if v}
    assert holdings(got) == {"L": wanted}
    assert {r["method"] for t in got for r in got[t].to_pylist()} == {method}
    assert bool(len(got["lot"])) == (method in QUEUES)
    most = {"X": 25000, "Y": 15000, "E": 20000}
    assert all(r["cap"] <= most[r["place"]] for r in got["holding"].to_pylist())


def test_what_follows_lots_is_called_the_same_everywhere():
    assert tuple(METHODS) == QUEUES


def test_windows_of_a_day_are_closed_at_midnight():
    # The larger payment comes a day too late to have what the first day's smaller one took.
    log = (
        "bank E 30000 disbursement loan=L", "E X 10000", "buyer E 20000 at=86400",
        "E Y 40000 at=86401",
    )  # fmt: skip
    whole = follow(flow_table(*log), account_table(**ACCOUNTS), method="tiho")
    daily = follow(flow_table(*log), account_table(**ACCOUNTS), method="tiho", window_days=1)
    assert holdings(whole) == {"L": {"Y": 30000}}
    assert holdings(daily) == {"L": {"X": 10000, "Y": 20000}}


def test_every_answer_lies_within_the_bounds():
    flow, accounts = flow_table(*LOG), account_table(**ACCOUNTS)
    found = bounds(flow, accounts, rule=BoundsRule(look="reached"))["bound"].to_pylist()
    limits = {r["place"]: (r["least"], r["most"]) for r in found}
    assert limits == {"X": (0, 25000), "Y": (0, 15000), "E": (0, 20000)}
    for answer in ANSWERS.values():
        assert all(limits[p][0] <= x <= limits[p][1] for p, x in zip("XYE", answer, strict=True))


def test_what_has_no_lots_is_not_told_backward():
    with pytest.raises(UsageError, match="haircut has none"):
        follow(flow_table(*LOG), account_table(), method="haircut", backward=True)
