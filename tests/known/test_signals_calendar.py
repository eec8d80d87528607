"""On which day something falls is told by the clock of the rule's zone, live and in backtests."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pydantic import ValidationError

from liandong.errors import LiandongError
from liandong.schema.arrow import build
from liandong.testing.checks import digest
from liandong.types import CHINA, EPOCH, end_of_day, from_epoch
from liandong.watch import PortfolioRule, SignalsRule, portfolio, signals
from liandong.watch.signals.accounts import _passing
from liandong.watch.signals.calendar import zone_of
from liandong.watch.signals.facts import Facts
from support.happenings import Happening, table_of
from support.warnings import Board

MIDNIGHT = datetime(2026, 3, 1, tzinfo=CHINA)
TICK = timedelta(microseconds=1)


def board(*told, firm="F1"):
    """Events (kind, moment, amount, tag) of one firm, seen when they happen."""
    found = Board(firm)
    for n, (kind, at, amount, tag) in enumerate(told):
        moment = (at - EPOCH) // TICK
        found.events.append(
            Happening(f"e{n:05}", "test", n, moment, moment, kind, firm, None, amount, tag)
        )
    return found


def test_a_day_ends_at_midnight_in_china_not_in_utc():
    for at, there in ((MIDNIGHT - TICK, True), (MIDNIGHT, False)):
        sued = board(("listing", at, None, None))
        before = sued.judged("J1", "2026-02-28")["F1"]["level"]
        assert (before == "red") is there
        assert sued.judged("J1", "2026-03-01")["F1"]["level"] == "red"
        assert sued.judged("J1", "2026-02-28", zone="UTC")["F1"]["level"] == "red"


@pytest.mark.parametrize(("zone", "minutes", "days"), [
    ("Asia/Shanghai", -1, 8), ("Asia/Shanghai", 0, 7), ("Asia/Shanghai", 30, 7),
    ("UTC", -1, 8), ("UTC", 30, 8), ("UTC", 8 * 60 - 1, 8), ("UTC", 8 * 60, 7),
    ("Asia/Tokyo", -61, 8), ("Asia/Tokyo", -60, 7),
])  # fmt: skip
def test_days_past_due_are_counted_from_the_day_it_was_in_the_zone(zone, minutes, days):
    told = board(("overdue", MIDNIGHT + timedelta(minutes=minutes), 5, None))
    assert told.judged("L1", "2026-03-03", zone=zone)["F1"]["value"] == days


@pytest.mark.parametrize(("zone", "night"), [("Asia/Shanghai", 100), ("UTC", 0)])
def test_money_that_is_there_at_midnight_stays_over_night(zone, night):
    """It comes at 23:50 in China and goes at 0:10; in UTC that is one afternoon."""
    ten = timedelta(minutes=10)
    told = board(("payment_in", MIDNIGHT - ten, 3_000, "transfer"),
                 ("payment_out", MIDNIGHT + ten, 3_000, "transfer"),
                 ("payment_in", MIDNIGHT + timedelta(days=3), 1, "transfer"))  # fmt: skip
    given, rule = told.given(), SignalsRule(as_of=date(2026, 3, 5), zone=zone)
    known = Facts({n: given[n] for n in signals.reads}, zone).on(rule.as_of)
    assert _passing(known, rule.a1)[2].tolist() == [night]


@pytest.mark.parametrize(("zone", "share"), [("Asia/Shanghai", 1.0), ("UTC", 0.8)])
def test_a_filing_belongs_to_the_month_it_was_in_the_zone(zone, share):
    """Filed just at the beginning of a month, which in UTC is the end of the month before."""
    months = [(2024, 9 + k) if k < 4 else (2025 + (k - 4) // 12, (k - 4) % 12 + 1)
              for k in range(18)]  # fmt: skip
    told = board(*(
        ("tax", datetime(year, month, 1, tzinfo=CHINA), 1_000 if k < 17 else 400, "declared_sales")
        for k, (year, month) in enumerate(months)
    ))  # fmt: skip
    assert months[-1] == (2026, 2)
    found = told.judged("T1", "2026-02-27", zone=zone, t1={"due_days": 0})
    assert found["F1"]["value"] == share


def _happened(seed):
    """Events of three firms, most of them within minutes of a midnight in China."""
    rng, found = np.random.default_rng(seed), []
    kinds = [("overdue", 7, None), ("payment_in", 900, "transfer"),
             ("payment_out", 400, "transfer"), ("enquiry", None, None), ("lawsuit", 50, "loan"),
             ("registry", None, "address"),
             ("invoice", 100, "valid"), ("utility", None, "arrears")]  # fmt: skip
    for n in range(400):
        near = timedelta(days=int(rng.integers(-40, 6)), microseconds=int(rng.integers(-2, 3)))
        moment = (MIDNIGHT + near - EPOCH) // TICK
        kind, amount, tag = kinds[rng.integers(len(kinds))]
        seen = moment + int(rng.integers(0, 2)) * 3 * 86_400_000_000
        found.append(Happening(f"e{n:05}", "test", n, moment, seen, kind, f"F{rng.integers(3)}",
                               None, amount, tag))  # fmt: skip
    return found


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "Europe/London"])
def test_what_a_backtest_says_of_a_day_is_what_was_said_that_evening(zone):
    """Bit for bit: a run of many days over everything, and runs of one day over what was there."""
    given = Board("F0", "F1", "F2").given()
    event = table_of(_happened(1))
    tables = {**given, "watch_event": event}
    asked = {"zone": zone, "every_days": 1}
    rule = SignalsRule(as_of=date(2026, 3, 4), moments=6, **asked)
    whole = signals(*(tables[n] for n in signals.reads), rule=rule)["warning"]
    for back in range(6):
        day = date(2026, 3, 4) - timedelta(days=back)
        end = from_epoch(end_of_day(day, zone_of(zone)))
        there = pc.less_equal(event["seen_at"], pa.scalar(end))
        rule = SignalsRule(as_of=day, **asked)
        live = signals(*({**tables, "watch_event": event.filter(there)}[n] for n in signals.reads),
                       rule=rule)["warning"]  # fmt: skip
        same = whole.filter(pc.equal(whole["at"], pa.scalar(end)))
        assert len(live) > 0
        assert digest(live) == digest(same)


def test_a_portfolio_counts_days_by_the_same_calendar():
    party = Board(*(f"F{n}" for n in range(40))).given()["party"]
    days = [date(2026, 1, 5) + timedelta(days=7 * k) for k in range(12)]
    found = {}
    for zone, clock in (("Asia/Shanghai", CHINA), ("UTC", UTC)):
        at = [datetime.combine(d, datetime.max.time(), clock) for d in days for _ in range(40)]
        level = ["orange" if n < 3 + 2 * k else None for k in range(12) for n in range(40)]
        warning = build("warning", {
            "rule": ["r"] * len(at), "code": ["T1"] * len(at), "at": at, "seen_at": at,
            "subject_id": [f"F{n}" for _ in days for n in range(40)], "level": level,
            "reasons": [[{"code": "x", "points": 1}]] * len(at),
        })  # fmt: skip
        rule = PortfolioRule(as_of=days[-1], moments=8, zone=zone,
                             p1={"baseline": 4, "least": 1})  # fmt: skip
        rows = portfolio(warning, party, rule=rule)["warning"].to_pylist()
        found[zone] = [(r["level"], r["value"]) for r in rows]
        assert [r["at"].astimezone(clock).date() for r in rows] == days[-len(rows) :]
    assert found["UTC"] == found["Asia/Shanghai"] != []


@pytest.mark.parametrize("zone", ["America/New_York", "Mars/Olympus", ""])
def test_a_zone_that_is_none_or_west_of_greenwich_is_refused(zone):
    with pytest.raises((LiandongError, ValidationError), match=r"zone|Greenwich"):
        SignalsRule(as_of=date(2026, 3, 4), zone=zone)
