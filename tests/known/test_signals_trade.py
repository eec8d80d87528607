"""T2, C1, A1 on small books worked by hand, at each threshold, and with facts that come late."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.money.arriving import over_night, passed_through
from liandong.types import Rate
from support.warnings import DAY, Board

ON = date(2024, 12, 31)


def before(days: int) -> date:
    """Return the day so many days before the one that is judged."""
    return ON - timedelta(days=days)


def invoiced(latest: int, firm: str = "F1", count: int = 10) -> Board:
    """``count`` invoices of 1000 in all in each of 13 blocks, and one of ``latest`` in the next."""
    board = Board("F1", "F2", "C1", "C2")
    for k in range(1, 14):
        for n in range(count):
            part = 1000 // count if n else 1000 - (count - 1) * (1000 // count)
            board.tell("invoice", firm, before(30 * k), part, tag="valid", other="C1")
    return board.tell("invoice", firm, ON, latest, tag="valid", other="C1")


@pytest.mark.parametrize(
    ("latest", "level"),
    [(500, None), (499, "yellow"), (300, "yellow"), (299, "orange"), (100, "orange"), (99, "red")],
)
def test_a_block_of_invoices_at_each_threshold(latest, level):
    said = invoiced(latest).judged("T2", str(ON))["F1"]
    assert said["level"] == level
    assert said["value"] == latest / 1000
    assert said["threshold"] == {None: 0.5, "yellow": 0.5, "orange": 0.3, "red": 0.1}[level]


def test_few_invoices_say_nothing_of_a_block():
    """Of nine a month, half can be missing by chance."""
    assert "F1" not in invoiced(100, count=9).judged("T2", str(ON))
    said = invoiced(100, count=9).judged("T2", str(ON), t2={"usual_least": 9})
    assert said["F1"]["level"] == "orange"


def test_void_and_red_invoices():
    board = invoiced(800)
    board.tell("invoice", "F1", ON, 5000, tag="void", other="C1")
    board.tell("invoice", "F1", ON, -400, tag="red", other="C1")
    # Void ones count nowhere, red ones against the block: 400 of 1000.
    assert board.judged("T2", str(ON))["F1"]["value"] == 0.4


def cancelling(void: int, of: int) -> dict:
    """Judge a firm without history of which ``void`` of ``of`` recent invoices are void."""
    board = Board("F1", "C1")
    for k in range(of):
        board.tell("invoice", "F1", before(k), 10, tag="void" if k < void else "valid", other="C1")
    return board.judged("T2", str(ON))


@pytest.mark.parametrize(
    ("void", "of", "level"), [(2, 10, None), (3, 10, "yellow"), (3, 9, None), (5, 24, "yellow")]
)
def test_cancelled_invoices_at_the_threshold(void, of, level):
    said = cancelling(void, of)
    assert (said["F1"]["level"] if said else None) == level


def concentrated(last: int) -> Board:
    """Ten invoices of 10 to each of two buyers a year ago; now 10 of ``last`` and 1 of the other.

    Before: HHI .5. Now with amounts 100 a buyer: (last / (last + 100))^2 + (100 / (last + 100))^2.
    """
    board = Board("F1", "C1", "C2")
    for k in range(5):
        for buyer in ("C1", "C2"):
            board.tell("invoice", "F1", before(200 + k), 10, tag="valid", other=buyer)
    for k in range(9):
        board.tell("invoice", "F1", before(k), last // 9, tag="valid", other="C1")
    return board.tell("invoice", "F1", before(9), 100, tag="valid", other="C2")


def test_concentration_of_buyers():
    # 900 and 100: .82, a rise of .32; 450 and 100: .7025, a rise of .2025.
    high, low = (concentrated(n).judged("T2", str(ON)) for n in (900, 450))
    assert high["F1"]["reasons"] == ["watch.invoice_buyers"]
    assert high["F1"]["evidence"]["concentration_rise"] == pytest.approx(0.32)
    assert low == {}


def test_a_rise_of_just_a_quarter_is_told():
    # From .5 to 3/4: a^2 + b^2 = .75 has no whole amounts; four buyers (.25) to two (.5) have.
    board = Board("F1", *(f"C{k}" for k in range(4)))
    for k in range(12):
        board.tell("invoice", "F1", before(200 + k), 10, tag="valid", other=f"C{k % 4}")
        board.tell("invoice", "F1", before(k), 10, tag="valid", other=f"C{k % 2}")
    assert board.judged("T2", str(ON))["F1"]["level"] == "yellow"


def test_two_of_three_are_orange_and_all_three_red():
    board = invoiced(450)
    for k in range(20):
        board.tell("invoice", "F1", before(89), 0, tag="void" if k < 9 else "valid", other="C1")
    said = board.judged("T2", str(ON))["F1"]
    assert said["reasons"] == ["watch.invoice_share", "watch.invoice_cancelled"]
    assert said["level"] == "orange"
    assert said["threshold"] is None


def test_an_invoice_seen_later_is_not_used_before():
    board = invoiced(100).tell(
        "invoice", "F1", ON, 400, tag="valid", other="C1", seen=ON + timedelta(days=1)
    )
    assert board.judged("T2", str(ON))["F1"]["value"] == 0.1
    assert board.judged("T2", str(ON + timedelta(days=1)))["F1"]["value"] == 0.5


def paid(shaky: int, of: int = 1000, day: date = ON) -> Board:
    """F1 is paid by C1, who has defaulted, and by C2."""
    board = Board("F1", "C1", "C2").tell("default", "C1", before(30), seen=before(20))
    board.tell("payment_in", "F1", day, shaky, tag="transfer", other="C1")
    return board.tell("payment_in", "F1", day, of - shaky, tag="transfer", other="C2")


@pytest.mark.parametrize(
    ("shaky", "level"),
    [(100, None), (101, "yellow"), (200, "yellow"), (201, "orange"), (400, "orange"), (401, "red")],
)
def test_customers_in_trouble_at_each_threshold(shaky, level):
    said = paid(shaky).judged("C1", str(ON))["F1"]
    assert said["level"] == level
    assert said["value"] == shaky / 1000


def test_a_default_seen_later_troubles_nobody_before():
    board = paid(500, day=before(40))
    assert board.judged("C1", str(before(21)))["F1"]["value"] == 0
    assert board.judged("C1", str(before(20)))["F1"]["level"] == "red"


def test_orange_customers_trouble_and_yellow_ones_do_not():
    board = Board("F1", "C1", "C2")
    board.tell("enforcement", "C1", before(5)).tell("equity_freeze", "C2", before(5))
    for buyer in ("C1", "C2"):
        board.tell("payment_in", "F1", ON, 50, tag="transfer", other=buyer)
    assert board.judged("C1", str(ON))["F1"]["value"] == 0.5
    # Without the signal that saw it, the customer is not in trouble.
    assert board.judged("C1", str(ON), without=("J1",))["F1"]["value"] == 0


def test_what_is_lent_is_no_income():
    board = paid(100).tell("payment_in", "F1", ON, 10**9, tag="disbursement", other="C2")
    assert board.judged("C1", str(ON))["F1"]["value"] == 0.1


def flowing(now: int, then: int = 1000) -> Board:
    """F1 received something long ago, ``then`` in the second last 90 days, ``now`` in the last."""
    board = Board("F1", "C1").tell("payment_in", "F1", before(300), 1, tag="transfer", other="C1")
    board.tell("payment_in", "F1", before(90), then, tag="transfer", other="C1")
    return board.tell("payment_in", "F1", before(89), now, tag="transfer", other="C1")


@pytest.mark.parametrize(
    ("now", "level"), [(600, None), (599, "yellow"), (400, "yellow"), (399, "orange")]
)
def test_inflow_at_each_threshold(now, level):
    said = flowing(now).judged("A1", str(ON))["F1"]
    assert said["level"] == level
    assert said["value"] == now / 1000


def test_a_new_account_is_not_judged_by_its_inflow():
    board = Board("F1").tell("payment_in", "F1", before(100), 100, tag="transfer")
    assert board.judged("A1", str(ON)) == {}


def passing(out: int, hours: int = 20) -> Board:
    """1000 come in every other day of 30, and ``out`` goes out so many hours later."""
    board = Board("F1").tell("payment_in", "F1", before(200), 50_000, tag="transfer")
    for k in range(2, 30, 2):
        board.tell("payment_in", "F1", before(k), 1000, tag="transfer")
        board.tell("payment_out", "F1", before(k), out, tag="transfer")
        late = board.events[-1]
        at = late.at + hours * DAY // 24
        board.events[-1] = late._replace(at=at, seen_at=at)
    return board


def test_money_that_only_passes_through():
    # Out goes all: fourteen times 1000 stays over one night of thirty: 14000 / 30 a night. What
    # came long ago and never left does not matter.
    said = passing(1000).judged("A1", str(ON))["F1"]
    assert said["evidence"]["passed_through"] == 1.0
    assert said["evidence"]["over_night"] == (14000 // 30) / 14000
    assert "watch.passes_through" in said["reasons"]


@pytest.mark.parametrize(
    ("out", "hours", "told"),
    [
        (1000, 24, True),
        (1000, 25, False),
        (970, 20, True),
        (951, 20, False),  # what is left piles up: 49 a time, by the end 686
        (950, 20, False),  # a share of just 95 % is not more than that
    ],
)
def test_passing_through_at_the_thresholds(out, hours, told):
    said = passing(out, hours).judged("A1", str(ON))
    assert [w["reasons"] for w in said.values()] == [["watch.passes_through"]] * told


@pytest.mark.parametrize(("balance", "told"), [(33_285, False), (33_286, True)])
def test_balances_at_the_threshold(balance, told):
    # 466 a night of 14000 that came in are 33285.7 parts per million.
    said = passing(1000).judged("A1", str(ON), a1={"balance": Rate(balance)})
    assert [w["level"] for w in said.values()] == ["yellow"] * told


def test_payments_to_come_are_not_in_the_balance():
    board = passing(1000)
    board.tell("payment_in", "F1", ON, 10**6, tag="transfer", seen=ON + timedelta(days=1))
    assert board.judged("A1", str(ON))["F1"]["evidence"]["passed_through"] == 1.0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(-9, 9)), max_size=12))
def test_balances_over_night_as_sums_say(payments):
    payments.sort()
    night, amount = (np.array([p[k] for p in payments], np.int64) for k in range(2))
    balances = [amount[night <= k].sum() for k in range(7)]
    want = sum(balances) - 7 * min(balances)
    assert over_night(np.array([0, len(night)]), night, amount, 7).tolist() == [want]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(-9, 9).filter(bool)),
        max_size=30,
    ),
    st.integers(0, 5),
)
def test_passing_through_is_what_a_queue_of_single_fen_says(payments, span):
    payments.sort(key=lambda p: (p[0], p[1], p[2] < 0))
    want = [0, 0, 0]
    for account in range(3):
        waiting: list[int] = []
        for at, amount in ((t, x) for a, t, x in payments if a == account):
            if amount > 0:
                waiting += [at] * amount
            else:
                young = [t for t in waiting if t >= at - span]
                taken = young[:-amount]
                want[account] += len(taken)
                waiting = young[len(taken) :]
    a, at, amount = (np.array([p[k] for p in payments], np.int64) for k in range(3))
    begin = np.searchsorted(a, np.arange(4))
    assert passed_through(begin, at, amount, span).tolist() == want
