"""Pooling: what one controller asks for in parts counts as one, and nothing else does."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from liandong.errors import DataError, UsageError
from liandong.match import PoolRule, pool
from liandong.schema.arrow import empty
from liandong.step.reasons import reason_text
from liandong.types import Rate
from support.lending import DAY, WAN, parties, projects
from support.ties import edges


def applied(project, edge=None, party=None, **rule):
    """Return the applications by project."""
    got = pool(project, party or empty("party"), edge or empty("edge"), as_of=DAY, **rule)
    return {r["project_id"]: r for r in got["application"].to_pylist()}


def leads(found):
    return {p: r["lead_id"] for p, r in found.items()}


def three(**more):
    return projects(**{p: {"need": n * WAN, **more} for p, n in zip("ABC", (1, 2, 4), strict=True)})


def test_an_application_alone_is_its_own_lead():
    row = applied(projects(A={"need": 5 * WAN}))["A"]
    assert (row["lead_id"], row["controller_id"], row["need"]) == ("A", "A", 5 * WAN)
    assert (row["members"], row["as_of"]) == (1, DAY)
    assert row["reasons"] == [{"code": "match.own_need", "points": 50_000}]


def test_who_holds_shares_of_itself_is_still_the_controller():
    ties = edges(("X", "X", "owns", 600_000), ("X", "A", "owns", 600_000), ("A", "B", "controls"))
    found = applied(three(), ties)
    assert {found[p]["controller_id"] for p in "AB"} == {"X"}


@pytest.mark.parametrize(
    "edge",
    [
        [("X", "A", "controls"), ("X", "B", "directs"), ("X", "C", "owns", 500_001)],
        [("A", "B", "owns", 600_000), ("B", "C", "owns", 600_000)],
        # Neither A nor B alone holds most of C; together they do.
        [("A", "B", "controls"), ("A", "C", "owns", 300_000), ("B", "C", "owns", 300_000)],
        [("A", "B", "controls"), ("B", "C", "controls"), ("C", "A", "controls")],
    ],
)
def test_applications_under_one_controller_are_one(edge):
    found = applied(three(), edges(*edge))
    assert leads(found) == dict.fromkeys("ABC", "A")
    assert {(r["need"], r["members"]) for r in found.values()} == {(7 * WAN, 3)}
    assert {r["controller_id"] for r in found.values()} == {"X" if edge[0][0] == "X" else "A"}
    assert all(
        reason_text(x["code"], x["points"], lang)
        for r in found.values() for x in r["reasons"] for lang in ("zh", "en")
    )  # fmt: skip


@pytest.mark.parametrize(
    "edge",
    [
        [("X", "A", "owns", 500_000), ("X", "B", "owns", 500_000)],
        [("X", "A", "owns", None), ("X", "B", "owns", None)],
        [("A", "B", "same_address"), ("A", "B", "supplies"), ("A", "C", "guarantees")],
        [("X", "A", "controls", None, DAY - timedelta(1)), ("X", "B", "controls")],
        [("BANK", "A", "owns", 900_000), ("BANK", "B", "controls")],
    ],
)
def test_others_are_not_merged(edge):
    bank = parties(BANK={"kind": "government"})
    assert leads(applied(three(), edges(*edge), bank)) == {p: p for p in "ABC"}


def test_the_kinds_of_ties_and_the_share_are_a_rule():
    edge = edges(("X", "A", "directs"), ("X", "B", "directs"), ("A", "C", "owns", 400_000))
    assert leads(applied(three(), edge, kinds=("controls",)))["B"] == "B"
    assert leads(applied(three(), edge, control_share=Rate(300_000))) == dict.fromkeys("ABC", "A")


def test_the_newest_of_several_stakes_counts():
    old, new = edges(("A", "B", "owns", 900_000)), edges(("A", "B", "owns", 100_000))
    since = pa.array([date(2020, 1, 1)], pa.date32())
    later = new.set_column(3, new.schema.field("valid_from"), since)
    assert leads(applied(three(), pa.concat_tables([later, old])))["B"] == "B"


def test_the_window_goes_on_from_one_to_the_next():
    days = {"A": 0, "B": 60, "C": 151}
    asked = projects(**{p: {"need": WAN, "asked_on": DAY - timedelta(d)} for p, d in days.items()})
    edge = edges(("A", "B", "controls"), ("A", "C", "controls"))
    # C is 91 days before B: a day too far. The earliest of A and B is B.
    assert leads(applied(asked, edge)) == {"A": "B", "B": "B", "C": "C"}
    assert leads(applied(asked, edge, window_days=91)) == dict.fromkeys("ABC", "C")
    assert leads(applied(asked, edge, window_days=0)) == {p: p for p in "ABC"}


def test_without_a_date_an_application_is_as_late_as_the_last():
    dates = {"A": None, "B": DAY - timedelta(200), "C": DAY}
    asked = projects(**{p: {"need": WAN, "asked_on": d} for p, d in dates.items()})
    edge = edges(("A", "B", "controls"), ("A", "C", "controls"))
    assert leads(applied(asked, edge)) == {"A": "C", "B": "B", "C": "C"}


def test_what_another_owes_stays_alone():
    asked = projects(A={}, B={"party_id": "A", "obligor_id": "Z"}, C={"party_id": "A"})
    assert leads(applied(asked)) == {"A": "A", "B": "B", "C": "A"}
    assert leads(applied(projects(A={}, B={"party_id": "A", "obligor_id": "A"})))["B"] == "A"


def test_bad_input_is_named():
    with pytest.raises(DataError, match="Load it first"):
        applied(empty("project"))
    huge = projects(**{f"E{i}": {"party_id": "E", "need": 4 * 10**14} for i in range(3)})
    with pytest.raises(DataError, match="E0"):
        applied(huge)
    wrap = projects(**{f"E{i:05}": {"need": 10**15} for i in range(4700)})
    with pytest.raises(DataError, match="project"):
        applied(wrap)
    for field, value in (("window_days", -1), ("control_share", "101%"), ("kinds", ["owns"])):
        with pytest.raises(UsageError, match=field):
            PoolRule.make(as_of=DAY, **{field: value})


def test_a_long_chain_is_one_group():
    n = 3_000
    ids = [f"E{i:05}" for i in np.random.default_rng(1).permutation(n)]
    edge = edges(*((a, b, "owns", 600_000) for a, b in pairwise(ids)))
    found = applied(projects(**{e: {"need": WAN} for e in ids}), edge)
    assert {r["members"] for r in found.values()} == {n}
    assert {r["controller_id"] for r in found.values()} == {ids[0]}
