"""Loans followed as transfers come in, in any order and batches, as if all came at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import DataError
from liandong.trace import LoanWatch, follow
from liandong.trace.live import stream
from liandong.trace.live.told import Trail
from support.flows import account_table, flow_table

KINDS = ["", "fee", "cash", "refund", "reversal", "disbursement", "repayment"]
METHODS = st.sampled_from(["fifo", "lifo", "clean_first", "taint_first"])
ACCOUNTS = account_table(A=100, B=(-20, "current", 150), C=(0, "current", 40), till=(0, "cash"))
FIELDS = ("flow_id", "src_account", "dst_account", "amount", "at", "seq", "kind", "ref", "loan_id")
LATE_HOURS = 2
HOUR = 3_600


@st.composite
def logs(draw, most=30):
    """Logs with ties in time, loans, overdrafts, sinks, refunds and reversals of anything."""
    found, at = [], 0
    # D is not in the table of accounts.
    account = st.sampled_from(["A", "B", "C", "D", "till"])
    for n in range(draw(st.integers(0, most))):
        kind, ref = draw(st.sampled_from(KINDS)), draw(st.integers(0, most))
        loan = f"loan=L{draw(st.integers(0, 2))}" if kind in {"disbursement", "repayment"} else ""
        named = f"ref=f{ref % (n + 3)}" if draw(st.booleans()) else ""
        amount = draw(st.integers(-50 if named else 0, 200))
        at += draw(st.sampled_from([0, 0, 600, 600, HOUR]))
        found.append(f"{draw(account)} {draw(account)} {amount} {kind} {loan} {named} at={at}")
    return found


def arrival(draw, log):
    """Return an order of arrival in which no transfer is too late."""
    late = st.integers(0, LATE_HOURS * HOUR)
    key = [(int(line.split("at=")[1]) + draw(late), draw(st.integers(0, 9))) for line in log]
    return sorted(range(len(log)), key=lambda i: key[i])


@st.composite
def rules(draw):
    """Rules that a watch can follow."""
    found = {"method": draw(METHODS), "backward": draw(st.booleans()), "lots": draw(st.booleans())}
    return found | ({"loans": ("L1",)} if draw(st.booleans()) else {})


def as_told(trail):
    """Return rows of ``trail`` as a watch tells them: it exchanges nothing."""
    assert trail["fx"].null_count == trail["converted"].null_count == len(trail)
    return [tuple(r.values()) for r in trail.select(Trail._fields).to_pylist()]


class Told:
    """What a watch has told and not withdrawn, as rows of ``trail``."""

    def __init__(self):
        self.rows = []

    def note(self, got):
        """Add what was told of one transfer or of several."""
        if got is None:
            return
        tables = got if isinstance(got, dict) else None
        trail, withdrawn = (as_told(tables[n]) for n in ("trail", "withdrawn")) if tables else got
        for row in withdrawn:
            self.rows.remove(tuple(row))
        self.rows += map(tuple, trail)


@settings(max_examples=40, deadline=None)
@given(st.data(), logs(), rules())
def test_a_watch_finds_what_all_at_once_gives(data, log, rule):
    _sparse_marks(data.draw)
    flow = flow_table(*log)
    order, rows = arrival(data.draw, log), flow.to_pylist()
    wanted = tuple(name for name in rule.get("loans", ()) if name in flow["loan_id"].to_pylist())
    want = follow(flow, ACCOUNTS, **(rule | {"loans": wanted}))
    known = {"bank_account": ACCOUNTS}
    watch, told, at = LoanWatch(known, late_hours=LATE_HOURS, **rule), Told(), 0
    while at < len(order):
        how = data.draw(st.sampled_from(["see", "see", "take", "save", "tables"]))
        if how == "see":
            told.note(watch.see(*(rows[order[at]][name] for name in FIELDS)))
            at += 1
        elif how == "take":
            count = data.draw(st.integers(0, 6))
            told.note(watch.take(flow.take(np.array(order[at : at + count], np.int64))))
            at += count
        elif how == "save":
            saved = watch.save()
            watch = LoanWatch.load(saved)
            assert watch.save() == saved
        else:
            watch.tables()
    if wanted == rule.get("loans", ()):
        assert watch.tables() == want
        assert sorted(told.rows) == as_told(want["trail"])


@pytest.fixture(autouse=True, scope="module")
def _as_before():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "MARK_EVERY", stream.MARK_EVERY)
        yield


def _sparse_marks(draw):
    """Have few or many marks to go back to: what is found must not depend on it."""
    stream.MARK_EVERY = draw(st.sampled_from([1, 2, 5, 4_096]))


@settings(max_examples=15, deadline=None)
@given(st.data(), logs(), METHODS)
def test_batches_leave_no_mark_on_what_is_saved(data, log, method):
    flow, order = flow_table(*log), arrival(data.draw, log)
    saved = []
    for _ in range(2):
        _sparse_marks(data.draw)
        watch, at = LoanWatch(late_hours=LATE_HOURS, method=method), 0
        while at < len(order):
            count = data.draw(st.integers(1, 9))
            watch.take(flow.take(np.array(order[at : at + count], np.int64)))
            at += count
        saved.append(watch.save())
    assert saved[0] == saved[1]


@settings(max_examples=15, deadline=None)
@given(st.data(), logs(), METHODS)
def test_what_is_refused_leaves_no_trace(data, log, method):
    """Too late, there already, or too large: alone, or hidden in a batch."""
    flow = flow_table(*log)
    watch = LoanWatch({"bank_account": ACCOUNTS}, late_hours=LATE_HOURS, method=method)
    watch.take(flow)
    before = watch.save()
    end = max((int(line.split("at=")[1]) for line in log), default=0)
    bad = [f"A B {2**62} at={end}"]
    if log:
        bad.append(f"A B 1 at={end - LATE_HOURS * HOUR - 1}")
    good = [f"X{n} Y 5 refund ref=f1 at={end + n}" for n in range(data.draw(st.integers(0, 3)))]
    for line in bad:
        lines = data.draw(st.permutations([line, *good]))
        more = flow_table(*lines)
        more = more.set_column(0, "flow_id", [[f"new{n}" for n in range(len(more))]])
        with pytest.raises(DataError):
            watch.take(more)
        if len(more) == 1:
            with pytest.raises(DataError):
                watch.see(*(more.to_pylist()[0][name] for name in FIELDS))
    if len(flow):
        again = data.draw(st.integers(0, len(flow) - 1))
        with pytest.raises(DataError):
            watch.take(flow.slice(again, 1))
    assert watch.save() == before


@settings(max_examples=20, deadline=None)
@given(logs(), st.sampled_from(["fifo", "lifo", "clean_first", "taint_first", "haircut"]))
def test_no_later_transfer_changes_what_earlier_ones_moved(log, method):
    """What a stream tells can only hold if this does; rows of one moment come in order of ids."""
    flow = flow_table(*log).sort_by([(n, "ascending") for n in ("at", "seq", "flow_id")])
    whole = follow(flow, ACCOUNTS, method=method)["trail"].to_pylist()
    for cut in range(0, len(flow), 5):
        known = {*flow["flow_id"][:cut].to_pylist()}
        some = follow(flow.slice(0, cut), ACCOUNTS, method=method)["trail"].to_pylist()
        assert some == [row for row in whole if row["flow_id"] in known]
