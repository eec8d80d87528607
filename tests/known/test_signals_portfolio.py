"""P1 by hand: weekly new orange firms of a portfolio, their spread, and what is told when."""

from datetime import date, datetime, time, timedelta

import numpy as np
import pytest

from liandong.errors import DataError
from liandong.schema.arrow import build, empty
from liandong.testing import check_step
from liandong.types import CHINA
from liandong.watch import portfolio

LAST = date(2024, 12, 29)
FIRMS = 100
ALL = "portfolio:*:*"


def parties(firms: int = FIRMS):
    return build("party", {
        "party_id": [f"F{k:03}" for k in range(firms)], "kind": ["firm"] * firms,
        "region_id": ["330000" if k % 2 else "310000" for k in range(firms)],
        "industry": ["C13"] * firms,
    })  # fmt: skip


def warned(counts: list[int], level: str = "orange", step: int = 1):
    """In week k ``counts[k]`` firms are on a level that are on none in the weeks around it."""
    rows, turn = [], 0
    for k, count in enumerate(counts):
        day = LAST - timedelta(weeks=len(counts) - 1 - k)
        hit = {(turn + j * step) % FIRMS for j in range(count)}
        turn += count
        rows += [(f"F{f:03}", day, level if f in hit else None) for f in range(FIRMS)]
    return table(rows)


def table(rows: list[tuple]):
    at = [datetime.combine(d, time(23, 59, 59), CHINA) for _, d, _ in rows]
    return build("warning", {
        "rule": ["r"] * len(rows), "code": ["T1"] * len(rows), "subject_id": [r[0] for r in rows],
        "at": at, "seen_at": at, "level": [r[2] for r in rows],
        "reasons": [[{"code": "x", "points": 0}]] * len(rows),
    })  # fmt: skip


def judged(warning, day: date = LAST, moments: int = 1, party=None, **p1: object) -> dict:
    rule = portfolio.rule.make(as_of=day, moments=moments, p1={"baseline": 8, **p1})
    rows = portfolio(warning, parties() if party is None else party, rule=rule)["warning"]
    return {(w["subject_id"], w["at"].date()): w for w in rows.to_pylist()}


def test_the_cumulative_sum_by_hand():
    # Usual are 2 a week: (6 - 2) / sqrt 2 - .5 = 2.328 a week.
    found = judged(warned([0, *[2] * 8, 6, 6, 6]), moments=3)
    said = [found[ALL, LAST - timedelta(weeks=k)] for k in (2, 1, 0)]
    step = 4 / np.sqrt(2) - 0.5
    assert [w["value"] for w in said] == pytest.approx([step, 2 * step, 3 * step])
    assert [w["level"] for w in said] == [None, "yellow", "orange"]
    assert [w["threshold"] for w in said] == [4.0, 4.0, 5.0]
    assert said[1]["reasons"] == [{"code": "watch.cusum", "points": round(200 * step)}]


@pytest.mark.parametrize(("shift", "level"), [(0.0, None), (0.5, None), (0.51, "yellow")])
def test_limits_are_passed_not_reached(shift, level):
    # A usual of 4 and 13 new ones: (13 - 4) / 2 - .5 = 4 just reaches the limit.
    limit = 4.0 - shift + 0.5
    counts = [0, *[4] * 8, 13]
    found = judged(warned(counts), yellow=limit, orange=9.0)[ALL, LAST]
    assert found["value"] == 4.0
    assert found["level"] == (None if limit >= 4 else "yellow") == level


def test_regions_and_sectors_are_judged_apart():
    # Every other firm is in region 33: the new ones of the last weeks all are.
    rows = [0, *[4] * 8]
    calm = warned([*rows, 4])
    found = judged(calm, least=4)
    assert {s for s, _ in found} == {ALL, "portfolio:31:C", "portfolio:33:C"}
    assert all(w["level"] is None for w in found.values())
    # With every second firm all the new ones are in region 31, before and now.
    levels = {s: w["level"] for (s, _), w in judged(warned([*rows, 20], step=2), least=4).items()}
    assert levels == {ALL: "orange", "portfolio:31:C": "orange"}


def test_too_few_to_tell_of():
    assert judged(warned([0, *[1] * 8, 9]), least=9) == {}
    assert judged(warned([0, *[2] * 8])) == {}


def test_a_rate_in_control_can_be_given():
    # 2 % of 100 firms are 2 a week, whatever the baseline had.
    from liandong.types import Rate

    found = judged(warned([0, *[5] * 8, 5]), rate=Rate(20_000))[ALL, LAST]
    assert found["value"] == pytest.approx(3 / np.sqrt(2) - 0.5)


def test_levels_that_are_spread_otherwise():
    # From 2 of 100 on yellow to 40 of 100: .38 ln 20 + .38 ln (98/60) = 1.32.
    before, after = warned([2] * 9, "yellow"), warned([2] * 9 + [40] * 4, "yellow")
    # New orange firms, so that there is something usual; the same number all the time.
    found = judged(with_orange(after), least=1)[ALL, LAST]
    assert [r["code"] for r in found["reasons"]] == ["watch.cusum", "watch.psi"]
    assert found["level"] == "yellow"
    assert found["threshold"] is None
    calm = judged(with_orange(before), LAST, least=1, baseline=4)[ALL, LAST]
    assert [r["code"] for r in calm["reasons"]] == ["watch.cusum"]


def with_orange(warning):
    """Put one firm on orange every other week."""
    rows = warning.to_pylist()
    weeks = sorted({r["at"] for r in rows})
    for r in rows:
        if r["subject_id"] == "F099":
            r["level"] = "orange" if weeks.index(r["at"]) % 2 else None
    return build("warning", {n: [r[n] for r in rows] for n in warning.column_names})


def test_a_share_that_rose_for_good():
    counts = [0, *[3] * 60, *[12] * 20]
    found = judged(warned(counts), baseline=60, moments=20, yellow=1e6, orange=1e6)
    told = [
        any(r["code"] == "watch.adwin" for r in found[ALL, LAST - timedelta(weeks=k)]["reasons"])
        for k in range(19, -1, -1)
    ]
    # The newer part has five weeks: with two of them risen it is at (9 + 24) / 500 = .066, with
    # three at .084, and eps is about .05 above .03. What was found is told for four weeks.
    assert told.index(True) == 2
    assert told[2:6] == [True] * 4
    steady = judged(warned([0, *[3] * 80]), baseline=60, moments=20)
    assert {w["level"] for w in steady.values()} == {None}


def test_only_what_turned_orange_is_new():
    # Everybody is orange all the time: nobody newly so.
    rows = [(f"F{f:03}", LAST - timedelta(weeks=k), "red") for f in range(FIRMS) for k in range(10)]
    assert judged(table(rows), least=1) == {}


def test_weeks_without_judgement_are_left_out():
    full = warned([0, *[2] * 8, 6, 6])
    gap = LAST - timedelta(weeks=5)
    rows = [r for r in full.to_pylist() if r["at"].date() != gap]
    found = judged(build("warning", {n: [r[n] for r in rows] for n in full.column_names}),
                   baseline=7)  # fmt: skip
    assert found[ALL, LAST]["value"] == pytest.approx(2 * (4 / np.sqrt(2) - 0.5))


def test_warnings_of_later_are_not_used_before():
    early = LAST - timedelta(weeks=1)
    long, short = warned([0, *[2] * 8, 6, 6]), warned([0, *[2] * 8, 6])
    one = judged(long, early)
    assert {k: (w["value"], w["level"]) for k, w in one.items()} == {
        (s, early): (w["value"], w["level"]) for (s, _), w in judged(short).items()
    }


def test_its_own_warnings_are_not_those_of_a_firm():
    counts = warned([0, *[2] * 8, 6])
    rows = counts.to_pylist()
    for r in rows:
        r["code"] = "P1"
    assert judged(build("warning", {n: [r[n] for r in rows] for n in counts.column_names})) == {}


def test_the_step_holds_the_conventions(tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rule = portfolio.rule.make(as_of=LAST, moments=2, p1={"baseline": 8})
    given = {"warning": warned([0, *[2] * 8, 6, 6]), "party": parties()}
    assert len(portfolio(given["warning"], given["party"], rule=rule)["warning"])
    check_step(portfolio, given, rule)


def test_without_warnings_it_refuses():
    with pytest.raises(DataError, match=r"watch\.signals"):
        portfolio(empty("warning"), parties(), rule=portfolio.rule.make(as_of=LAST))
