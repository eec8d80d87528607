"""Known answers of the haircut, worked out by hand, in fen."""

import numpy as np

from liandong.kernels.money.haircut import NOTHING, trace

NAMES = ("E", "X", "Y", "Z", "FEE")


def traced(loans, *lines, opening=None, facility=None):
    """Return {loan: {account: fen}} of lines ``PAYER PAYEE FEN [ref]``, and all that is returned.

    Loans are {name: fen}, each paid out of an account of its own name; ``world`` never lacks money.
    """
    names = [*NAMES, "world", *loans]
    start = {"world": 10**9} | loans | (opening or {})
    rows = [line.split() for line in lines]
    src, dst = (np.array([names.index(r[k]) for r in rows]) for k in (0, 1))
    undoes = np.array([int(r[3]) if len(r) > 3 else -1 for r in rows])
    money = np.array([start.get(n, 0) for n in names])
    origin = np.array([list(loans).index(n) + 1 if n in loans else 0 for n in names])
    may = NOTHING if facility is None else np.array([facility.get(n, 0) for n in names])
    got = trace(src, dst, np.array([int(r[2]) for r in rows]), undoes, money, origin, may)
    held = {name: {} for name in loans}
    for a, o, x in got[1].tolist():
        held[names[a]] = held.get(names[a], {})
        held[list(loans)[o - 1]][names[a]] = x
    return {name: held[name] for name in loans}, got


def test_in_proportion_to_the_balance():
    held, _ = traced({"L": 300}, "L E 300", "world E 200", "E X 250", "E Y 150", opening={"E": 100})
    assert held == {"L": {"X": 125, "Y": 75, "E": 100}}


def test_odd_fen_go_to_the_largest_remainder_then_to_the_first_loan():
    held, (moved, *_) = traced({"L1": 33, "L2": 33}, "L1 E 33", "L2 E 33", "world E 34", "E X 50")
    assert held == {"L1": {"E": 16, "X": 17}, "L2": {"E": 17, "X": 16}}
    assert moved[-2:].tolist() == [[3, 1, 17], [3, 2, 16]]


def test_a_fee_is_a_leg_of_its_own():
    held, _ = traced({"L1": 10000, "L2": 5000}, "L1 E 10000", "L2 E 5000", "E X 12000", "E FEE 100")
    assert held["L1"] == {"E": 1933, "X": 8000, "FEE": 67}
    assert held["L2"] == {"E": 967, "X": 4000, "FEE": 33}


def test_the_haircut_lies_within_the_bounds():
    held, _ = traced({"L": 300}, "L E 300", "E X 250", opening={"E": 50})
    assert held == {"L": {"E": 86, "X": 214}}  # 250 * 300 / 350, between 200 and 250


def test_a_refund_gives_back_the_origins_of_the_original():
    held, _ = traced(
        {"L": 60}, "L E 60", "world E 40", "E X 100", "world X 900", "X E 50 2", "E Y 50"
    )
    assert held == {"L": {"X": 30, "Y": 30}}


def test_a_refund_is_limited_to_what_the_payee_still_holds():
    held, (moved, *_) = traced(
        {"L": 60}, "L E 60", "E X 60", "X Y 45", "world X 85", "X E 60 1", opening={"X": 0}
    )
    # 15 are left of the loan and come back; 45 of the 85 that are left are an ordinary transfer.
    assert held == {"L": {"E": 15, "Y": 45}}
    assert [r for r in moved.tolist() if r[0] == 4] == [[4, 1, 15]]


def test_within_a_facility_incoming_money_first_pays_the_bank():
    held, (_, _, balance, short, debts) = traced(
        {"L": 100}, "E Z 30", "L E 100", "E X 70", facility={"E": 30}
    )
    assert held == {"L": {"X": 70}}
    assert debts.tolist() == [[0, 1, 30]]
    assert (balance[0], short.sum()) == (0, 0)


def test_beyond_the_facility_and_without_one_money_is_unexplained():
    _, (_, _, balance, short, _) = traced({}, "E Z 50", facility={"E": 30})
    assert (balance[0], short[0]) == (-30, 20)
    held, (_, _, balance, short, _) = traced({"L": 50}, "L E 50", "E X 80")
    assert held == {"L": {"X": 50}}
    assert (balance[0], short[0]) == (0, 30)


def test_a_debt_at_the_start_is_paid_first():
    held, (*_, debts) = traced({"L1": 40, "L2": 60}, "L1 E 40", "L2 E 60", opening={"E": -50})
    assert held == {"L1": {}, "L2": {"E": 50}}
    assert debts.tolist() == [[0, 1, 40], [0, 2, 10]]


def test_three_stolen_then_seven_clean():
    # Anderson, Shumailov and Ahmed (2018): a payment after 3 stolen and 7 clean is 30 % stolen.
    held, _ = traced({"L": 3000}, "L E 3000", "world E 7000", "E X 1000")
    assert held["L"]["X"] == 300
