"""A watch of loans on known answers, what it refuses, and what it keeps when it is killed."""

import subprocess
import sys
from datetime import timedelta

import pyarrow as pa
import pytest

from liandong.errors import DataError, UsageError
from liandong.trace import CircleWatch, LoanWatch, follow
from liandong.types import Money
from support.flows import START, account_table, flow_table, holdings

FIELDS = ("flow_id", "src_account", "dst_account", "amount", "at", "seq", "kind", "ref", "loan_id")
SALE = ["L E 300 disbursement loan=L", "C E 200", "E X 250", "E Y 150"]


@pytest.mark.parametrize(
    ("method", "held"),
    [
        ("fifo", {"X": 150, "Y": 150}),
        ("lifo", {"X": 50, "Y": 150, "E": 100}),
        ("clean_first", {"Y": 100, "E": 200}),
        ("taint_first", {"X": 250, "Y": 50}),
    ],
)
def test_kat_1_one_by_one(method, held):
    watch = LoanWatch({"bank_account": account_table(E=100, C=200)}, method=method)
    for row in flow_table(*SALE).to_pylist():
        watch.see(*(row[n] for n in FIELDS))
    assert holdings(watch.tables()) == {"L": held}


def test_a_transfer_tells_what_it_moved():
    watch = LoanWatch()
    paid = watch.see("f1", "L", "E", 300, START, kind="disbursement", loan_id="L")
    assert [(r.loan_id, r.dst_account, r.amount, r.step) for r in paid.trail] == [
        ("L", "E", 300, 0)
    ]
    assert watch.see("f2", "C", "D", 5, START, seq=1) is None
    on = watch.see("f3", "E", "X", 100, START, seq=2)
    assert ([r.amount for r in on.trail], on.withdrawn) == ([100], [])


def test_a_late_transfer_puts_right_what_was_told():
    """E had paid X with the loan; that it had got 60 of its own before comes in later."""
    watch = LoanWatch()
    watch.see("f1", "L", "E", 100, START + timedelta(minutes=2), kind="disbursement", loan_id="L")
    first = watch.see("f3", "E", "X", 100, START + timedelta(minutes=3))
    late = watch.see("f0", "C", "E", 60, START)
    assert late.withdrawn == first.trail
    assert [(r.flow_id, r.amount) for r in late.trail] == [("f3", 40)]
    assert watch.see("f2", "D", "D", 1, START + timedelta(minutes=1)) is None


def test_a_loan_paid_out_again_after_it_was_taken_back_is_new_money():
    """Other money that came back as a disbursement taken back is not lent again."""
    lines = [
        "L A 100 disbursement loan=L",
        "L B -40 disbursement loan=L",
        "L C 70 disbursement loan=L",
    ]
    got = follow(flow_table(*lines), account_table(A=0, B=0), method="clean_first")
    assert holdings(got) == {"L": {"A": 100, "C": 70}}
    watch = LoanWatch({"bank_account": account_table(A=0, B=0)}, method="clean_first")
    watch.take(flow_table(*lines))
    assert watch.tables() == got


def test_a_refund_names_a_transfer_of_long_ago():
    watch = LoanWatch(late_hours=1)
    watch.see("f1", "L", "E", 60, START, kind="disbursement", loan_id="L")
    watch.see("f2", "C", "E", 40, START, seq=1)
    watch.see("f3", "E", "X", 100, START, seq=2)
    watch.see("f4", "Y", "Z", 1, START + timedelta(days=300))
    watch = LoanWatch.load(watch.save())
    back = watch.see("f5", "X", "E", 50, START + timedelta(days=301), kind="refund", ref="f3")
    assert [r.amount for r in back.trail] == [30]


def test_what_is_too_late_is_refused_and_the_watch_goes_on():
    watch = LoanWatch(late_hours=1)
    watch.see("f1", "L", "E", 100, START + timedelta(hours=1), kind="disbursement", loan_id="L")
    before = watch.save()
    with pytest.raises(DataError, match="more than 1 hours before"):
        watch.see("f2", "E", "X", 1, START - timedelta(microseconds=1))
    with pytest.raises(DataError, match="more than once"):
        watch.see("f1", "E", "X", 1, START + timedelta(hours=1))
    with pytest.raises(DataError, match="all amounts together"):
        watch.see("f3", "E", "X", 2**62, START + timedelta(hours=2))
    assert watch.save() == before
    assert watch.see("f2", "E", "X", 1, START) is None


@pytest.mark.parametrize(
    "rule", [{"method": "tiho"}, {"method": "haircut"}, {"ties": "credits_first"}]
)
def test_what_needs_all_transfers_is_refused(rule):
    with pytest.raises(UsageError, match="needs all transfers at once"):
        LoanWatch(**rule)


def test_accounts_that_open_with_too_much_are_refused():
    with pytest.raises(DataError):
        LoanWatch({"bank_account": account_table(A=2**61, B=2**61)})


def test_loans_and_circles_of_one_transfer():
    loans, circles = LoanWatch(), CircleWatch(hours=24, least=Money(1))
    rows = flow_table("L E 100 disbursement loan=L", "E S 100", "S E 90").to_pylist()
    told = []
    for row in rows:
        moved = loans.see(*(row[n] for n in FIELDS))
        closed = circles.see(*(row[n] for n in FIELDS[:7]))
        told.append((moved.trail[0].amount, closed and closed["circle"]["legs"].to_pylist()))
    assert told == [(100, None), (100, None), (90, [2])]


KILLED = """
import os, signal, sys
from pathlib import Path
from support.flows import flow_table
from liandong.trace import LoanWatch

folder, flow = Path(sys.argv[1]), flow_table(*sys.argv[3:])
FIELDS = sys.argv[2].split()
watch = LoanWatch(late_hours=1)
for n, row in enumerate(flow.to_pylist()):
    watch.see(*(row[n] for n in FIELDS))
    (folder / "new").write_bytes(watch.save())
    (folder / "new").replace(folder / "saved")
    if n == 2:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_watch_goes_on_from_what_it_saved(tmp_path):
    lines = [*SALE, "X E 10 refund ref=f2", "E E 5", "Y C 7"]
    flow = flow_table(*lines)
    path = [p for p in sys.path if p]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), " ".join(FIELDS), *lines],
        env={"PYTHONPATH": ":".join(path)}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == -9, done.stderr
    watch = LoanWatch.load((tmp_path / "saved").read_bytes())
    for row in flow.to_pylist()[3:]:
        watch.see(*(row[n] for n in FIELDS))
    assert watch.tables() == follow(flow, account_table())


def test_what_is_exchanged_is_refused_and_nothing_is_taken():
    account = account_table(E=0, U=0)
    account = account.set_column(
        account.schema.get_field_index("currency"), "currency", pa.array([None, "USD"])
    )
    watch = LoanWatch({"bank_account": account})
    flow = flow_table("bank E 100 disbursement loan=L", "E U 50")
    dollars = flow.set_column(
        flow.schema.get_field_index("received"), "received", pa.array([None, 7], pa.int64())
    )
    with pytest.raises(DataError, match="USD"):
        watch.take(dollars)
    with pytest.raises(DataError, match="USD"):
        watch.see("f1", "E", "U", 50, START)
    assert watch.take(flow.slice(0, 1))["trail"]["amount"].to_pylist() == [100]
