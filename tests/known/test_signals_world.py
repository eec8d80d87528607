"""Signals on a small world: what was planted is seen, and only what was known is used."""

from datetime import timedelta
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from liandong.testing.checks import digest
from liandong.watch import SignalsRule, events, signals
from support.worlds import medium_world, small_world, truths

KEPT_BY = {"watch_event": "seen_at", "flow": "at"}


@cache
def board() -> dict[str, pa.Table]:
    world = dict(small_world())
    made = events(*(world[n] for n in events.reads))["watch_event"]
    return {**world, "watch_event": pa.concat_tables([world["watch_event"], made])}


def judged(day, tables=None, **params):
    given = board() if tables is None else tables
    rule = SignalsRule(as_of=day, **params)
    return signals(*(given[n] for n in signals.reads), rule=rule)["warning"]


def of(day, code: str) -> dict[str, dict]:
    return {w["subject_id"]: w for w in judged(day).to_pylist() if w["code"] == code}


def borrower(loan_id: str) -> str:
    loan = board()["loan"]
    return loan.filter(pc.equal(loan["loan_id"], loan_id))["party_id"][0].as_py()


def test_planted_round_trips_are_orange_or_red_a_month_later():
    for fact in truths(board(), "round_trip"):
        said = of(fact["at"] + timedelta(days=31), "F1")[borrower(fact["subject"])]
        assert said["level"] in ("orange", "red")
        assert said["value"] > 0.3


def test_diverted_loans_return_to_relatives_or_lie_idle():
    for fact in truths(board(), "diverted_loan"):
        code = "F1" if fact["detail"]["to"] == "relative" else "F2"
        said = of(fact["at"] + timedelta(days=31), code)[borrower(fact["subject"])]
        assert said["level"] in ("orange", "red")


def test_members_of_guarantee_rings_are_judged_as_a_chain():
    last = max(f["at"] for f in truths(board(), "guarantee_chain")) + timedelta(days=365)
    rings = {m for f in truths(board(), "guarantee_chain") for m in f["detail"]["members"]}
    told = of(last, "G1").keys()
    assert told
    # Who files no statement cannot be judged; others in no planted ring are few.
    assert len(told - rings) <= len(told & rings)


def test_declining_firms_are_warned_of_more_than_twice_as_often():
    day = max(board()["invoice"]["date"].to_pylist())
    planted = {f["subject"] for f in truths(board(), "declining_firm")}
    shares = []
    for code in ("T1", "U1"):
        said = of(day, code)
        hit = {k for k, w in said.items() if w["level"]}
        shares.append((len(hit & planted) / len(said.keys() & planted),
                       len(hit - planted) / len(said.keys() - planted)))  # fmt: skip
    assert all(inside > 2 * outside for inside, outside in shares)
    assert all(inside > 0.5 for inside, _ in shares)


@pytest.mark.parametrize("back", [40, 100, 250])
def test_what_was_known_later_changes_nothing(back):
    end = max(board()["invoice"]["date"].to_pylist())
    day = end - timedelta(days=back)
    limit = pa.scalar(day + timedelta(days=1)).cast(pa.timestamp("us"))
    limit = limit.cast(pa.timestamp("us", "UTC"))
    cut = {n: t.filter(pc.less(t[KEPT_BY[n]], limit)) if n in KEPT_BY else t
           for n, t in board().items()}  # fmt: skip
    assert len(cut["watch_event"]) < len(board()["watch_event"])
    assert digest(judged(day)) == digest(judged(day, cut))


def test_a_moment_is_judged_the_same_alone_and_among_others():
    end = max(board()["invoice"]["date"].to_pylist())
    many = judged(end, moments=3, every_days=30)
    for k in range(3):
        day = end - timedelta(days=30 * k)
        alone = judged(day)
        mine = many.filter(pc.equal(many["at"], alone["at"][0]))
        assert digest(mine) == digest(alone)


def test_quiet_firms_can_be_left_out():
    end = max(board()["invoice"]["date"].to_pylist())
    loud = judged(end, quiet=False)
    every = judged(end)
    assert loud["level"].null_count == 0
    assert digest(every.filter(pc.is_valid(every["level"]))) == digest(loud)


def test_the_id_of_a_rule_stays_from_day_to_day():
    end = max(board()["invoice"]["date"].to_pylist())
    one, other = judged(end), judged(end - timedelta(days=1), l1={"orange": 8})
    ids = [dict(zip(t["code"].to_pylist(), t["rule"].to_pylist(), strict=True))
           for t in (one, other)]  # fmt: skip
    assert {c for c in ids[0] if ids[0][c] != ids[1][c]} == {"L1"}
    assert ids[0]["T1"] == SignalsRule(as_of=end).t1.id


def test_a_signal_is_judged_while_its_rule_holds():
    end = max(board()["invoice"]["date"].to_pylist())
    since = end - timedelta(days=7)
    said = judged(end, moments=3, r1={"valid_from": since})
    days = {w["at"].date() for w in said.to_pylist() if w["code"] == "R1"}
    assert days == {since, end}


def test_notices_come_more_often_to_those_who_fail():
    world = medium_world()
    failed = {e["party_id"] for e in world["event"].to_pylist() if e["kind"] == "default"}
    notice = world["watch_event"]
    told = {
        (kind, tag): set(
            notice.filter(pc.and_(pc.equal(notice["kind"], kind), pc.equal(notice["tag"], tag)))[
                "subject_id"
            ].to_pylist()
        )
        for kind, tag in (("utility", "arrears"), ("staff", "arrears"), ("registry", "pledge"))
    }
    for who in told.values():
        inside, outside = len(who & failed) / len(failed), len(who - failed) / 3_000
        assert inside > 2 * outside > 0
    assert set(notice["subject_id"].to_pylist()) <= set(world["party"]["party_id"].to_pylist())
    assert pc.all(pc.greater(notice["seen_at"], notice["at"])).as_py()
