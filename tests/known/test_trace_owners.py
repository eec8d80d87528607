"""Known answers on ownership: cross-holdings, cascades, weakest links, 25 %, bad registers."""

from datetime import date

import pyarrow as pa
import pytest

from liandong.errors import NotFoundError
from liandong.types import Rate
from support.owning import DAY, controlled, found, looked_through, parties, ties

OWN_A = "P 50 A, B 50 A, A 40 B, Q 60 B"


def percent(ends: tuple[int, int]) -> float:
    assert ends[0] == ends[1]
    return ends[0] / 10_000


def total(edge: pa.Table | str, company: str, **rule: object) -> dict:
    rows = looked_through(edge, **rule)["ownership_total"].to_pylist()
    row = next(r for r in rows if r["party_id"] == company)
    parts = ("listed", "small", "unknown", "locked", "rounding")
    assert sum(row[p] for p in parts) == 1_000_000
    return {**row, "codes": {r["code"]: r["points"] for r in row["reasons"]}}


def test_cross_holdings_are_divided_out():
    got = {k: percent(v) for k, v in found(OWN_A, "economic").items()}
    assert got == {
        ("P", "A"): 62.5, ("P", "B"): 25, ("Q", "A"): 37.5, ("Q", "B"): 75,
        ("B", "A"): 50, ("A", "B"): 40,
    }  # fmt: skip
    row = total(OWN_A, "A")
    assert (row["circular"], row["core_id"], row["core_size"]) == (200_000, "A", 2)
    assert (row["listed"], row["unknown"]) == (1_000_000, 0)


def test_an_owner_that_is_owned_by_what_it_owns_does_not_count_twice():
    # Without dividing out, A would have 0.4 / (1 - 0.2) = 50 % of B (Baldone, Brioschi, Paleari).
    assert found(OWN_A, "economic")["A", "B"] == (400_000, 400_000)


def test_half_of_a_half_is_control_but_a_quarter_of_the_interest():
    edge = "X 50 A, A 50 B"
    assert controlled(edge) == {("X", "A", "yes"), ("X", "B", "yes"), ("A", "B", "yes")}
    assert percent(found(edge, "economic")["X", "B"]) == 25
    assert percent(found(edge, "control")["X", "B"]) == 50


def test_stakes_of_what_is_controlled_add_up():
    edge = "X 50 A, X 50 B, A 25 C, B 25 C"
    assert ("X", "C", "yes") in controlled(edge)
    assert ("A", "C", "yes") not in controlled(edge)
    assert ("X", "C", "yes") not in controlled(edge, control_more=True)


def test_a_group_listed_together_counts_as_one():
    edge = "X1 30 A, X2 30 A, P 40 A"
    assert not controlled(edge)
    assert controlled(edge, together=("X1", "X2")) == {("X1", "A", "yes")}


def test_control_without_shares():
    edge = "X ! A, A 60 B"
    assert ("X", "B", "yes") in controlled(edge)
    assert ("X", "B") not in found(edge, "economic")
    assert percent(found(edge, "weakest")["X", "B"]) == 60


@pytest.mark.parametrize(
    ("edge", "strength"),
    [
        ("X 60 A, A 30 B", 30),
        ("X 20 A, A 90 B", 20),
        ("X 60 A, A 30 B, X 10 B", 40),
        ("X 60 A, A 30 B, X 25 C, C 40 B", 55),
        # Both chains use the first link: together they carry no more than it does.
        ("X 50 A, A 60 C, A 60 D, C 40 B, D 40 B", 50),
    ],
)
def test_a_chain_is_as_strong_as_its_weakest_link(edge: str, strength: int):
    assert percent(found(edge, "weakest")["X", "B"]) == strength
    links = looked_through(edge)["ownership_path"].to_pylist()
    mine = [r for r in links if (r["holder_id"], r["party_id"]) == ("X", "B")]
    tops = [r for r in mine if r["step"] == 0]
    assert sum(r["strength"] for r in tops) == strength * 10_000
    assert all(r["src"] == "X" for r in tops)
    assert all(r["strength"] <= r["share"] for r in mine)


def test_weakest_link_and_cascade_differ_on_the_same_graph():
    edge = "X 40 A, A 40 B, P 60 A, Q 60 B"
    assert percent(found(edge, "weakest")["X", "B"]) == 40
    assert ("X", "B") not in found(edge, "control")
    assert percent(found(edge, "economic")["X", "B"]) == 16


def test_thresholds_side_by_side():
    edge = "P 25 A, Q 75 A, X 60 B, B 40 C, P 60 C"
    rows = looked_through(edge)["beneficial_owner"].to_pylist()
    got = {(r["regime"], r["holder_id"], r["party_id"]) for r in rows}
    assert ("cn", "P", "A") in got  # 25 % or more
    assert ("uk", "P", "A") not in got  # more than 25 %
    # X has 24 % of the interest in C, and through B, which it controls, 40 % of the shares.
    assert {("cn", "X", "C"), ("uk", "X", "C")} <= got
    by_interest = {"name": "i", "bases": ("interest",)}
    rows = looked_through(edge, regimes=(by_interest,))["beneficial_owner"].to_pylist()
    assert ("X", "C") not in {(r["holder_id"], r["party_id"]) for r in rows}
    assert ("P", "C") in {(r["holder_id"], r["party_id"]) for r in rows}


def test_nobody_reaches_the_threshold_and_it_says_so():
    row = total("P 20 A, Q 20 A", "A")
    assert {"trace.owners_nobody(cn)", "trace.owners_nobody(uk)"} <= set(row["codes"])
    assert row["unknown"] == 600_000


def test_register_bands_stay_intervals():
    edge = "P 25-50 A, A 50-75 B"
    assert found(edge, "economic")["P", "B"] == (125_000, 375_000)
    assert controlled(edge) == {("P", "A", "perhaps"), ("A", "B", "yes"), ("P", "B", "perhaps")}
    assert found(edge, "weakest")["P", "B"] == (250_000, 500_000)
    rows = looked_through(edge)["ownership"].to_pylist()
    assert {r["share"] for r in rows} == {None}
    assert {r["verdict"] for r in looked_through("P 20-50 A")["beneficial_owner"].to_pylist()} == {
        "perhaps"
    }


def test_what_others_have_for_certain_leaves_less_room():
    assert found("P 25-100 A, Q 60 A", "economic")["P", "A"] == (250_000, 400_000)


def test_an_unknown_share_may_be_any():
    unknown = ties("Q 1 A").set_column(5, "share", pa.array([None], pa.int32()))
    edge = pa.concat_tables([ties("P 30 A"), unknown])
    assert found(edge, "economic")["Q", "A"] == (0, 700_000)


def test_more_than_the_whole_is_named_and_not_scaled():
    edge = "P 80 A, Q 40 A"
    row = total(edge, "A")
    assert (row["direct"], row["codes"]["trace.owners_over"]) == (1_200_000, 200_000)
    got = found(edge, "economic")
    assert got == {("P", "A"): (600_000, 800_000), ("Q", "A"): (200_000, 400_000)}
    assert got["P", "A"][0] + got["Q", "A"][1] == 1_000_000


def test_shares_in_oneself_belong_to_the_others():
    edge = "A 20 A, P 60 A, Q 20 A"
    assert {k: percent(v) for k, v in found(edge, "economic").items()} == {
        ("P", "A"): 75, ("Q", "A"): 25,
    }  # fmt: skip
    row = total(edge, "A")
    assert row["codes"]["trace.owners_itself"] == row["circular"] == 200_000


def test_circles_that_nobody_outside_owns():
    edge = "A 100 B, B 100 A, B 40 C, P 60 C"
    for name in "AB":
        row = total(edge, name)
        assert (row["locked"], row["codes"]["trace.owners_locked"]) == (1_000_000, 1_000_000)
    row = total(edge, "C")
    assert (row["locked"], row["listed"]) == (400_000, 600_000)
    got = found(edge, "economic")
    assert got["A", "C"] == got["B", "C"] == (400_000, 400_000)
    assert total("A 100 A", "A")["locked"] == 1_000_000


def test_hardly_anything_leaves_a_circle_and_all_of_it_is_found():
    edge = pa.concat_tables([ties("B 1 A, A 100 B"), ties("P 0.0001 A")])
    edge = edge.set_column(5, "share", pa.array([999_999, 1_000_000, 1], pa.int32()))
    got = found(edge, "economic")
    assert got["P", "A"] == got["P", "B"] == (1_000_000, 1_000_000)


def test_shares_that_cannot_be_are_refused_and_named():
    edge = ties("P 50 A, Q 20 A")
    edge = edge.set_column(5, "share", pa.array([500_000, -200_000], pa.int32()))
    row = total(edge, "A")
    assert row["codes"]["trace.owners_refused(Q)"] == -200_000
    assert (row["listed"], row["unknown"]) == (500_000, 500_000)
    assert ("Q", "A") not in found(edge, "economic")


def test_an_owner_whom_nobody_knows_may_be_a_person():
    from liandong import trace

    edge = ties("Z 40 A")
    known = parties(edge).filter(pa.array([True, False]))
    got = trace.owners(edge, known, on=DAY)
    assert "trace.owners_stranger(Z)" in {
        r["code"] for r in got["ownership_total"]["reasons"][0].as_py()
    }
    assert set(got["beneficial_owner"]["verdict"].to_pylist()) == {"perhaps"}


def test_only_shares_of_the_day_count_and_the_newest_of_a_pair():
    old, new = ties("P 50 A"), ties("P 30 A, Q 20 A")
    new = new.set_column(3, "valid_from", pa.array([date(2023, 1, 1)] * 2))
    ended = new.set_column(4, "valid_to", pa.array([None, date(2023, 12, 31)], pa.date32()))
    edge = pa.concat_tables([old, ended], promote_options="permissive")
    assert found(edge, "economic") == {("P", "A"): (300_000, 300_000)}
    assert found(edge, "economic", on=date(2022, 1, 1)) == {("P", "A"): (500_000, 500_000)}
    assert found(edge, "economic", on=date(2023, 6, 1))["Q", "A"] == (200_000, 200_000)
    # The first day of a tie counts, and so does the last.
    assert found(edge, "economic", on=date(2023, 1, 1))["Q", "A"] == (200_000, 200_000)
    assert found(edge, "economic", on=date(2023, 12, 31))["Q", "A"] == (200_000, 200_000)
    assert found(edge, "economic", on=date(2010, 1, 1)) == {}


def test_a_holder_that_nobody_but_itself_holds_is_counted_once():
    edge = ties("A 10 B, A 5 A, Q 20 B")
    (total,) = (r for r in looked_through(edge)["ownership_total"].to_pylist()
                if r["party_id"] == "B")  # fmt: skip
    assert (total["listed"], total["unknown"], total["rounding"]) == (300_000, 700_000, 0)


def test_evidence_adds_up_to_the_interest():
    edge = "P 50 A, B 50 A, A 40 B, Q 60 B, P 10 C, A 70 C"
    out = looked_through(edge)
    ends = {(r["holder_id"], r["party_id"]): r["low"] for r in out["ownership"].to_pylist()
            if r["measure"] == "economic" and r["ultimate"]}  # fmt: skip
    for (holder, company), share in ends.items():
        carried = [r["carried"] for r in out["ownership_tie"].to_pylist()
                   if (r["src"], r["party_id"]) == (holder, company)]  # fmt: skip
        assert abs(sum(carried) - share) <= len(carried)
    circular = {(r["src"], r["dst"]) for r in out["ownership_tie"].to_pylist() if r["circular"]}
    assert circular == {("A", "B"), ("B", "A")}


def test_some_targets_only():
    rows = looked_through(OWN_A, targets=("B",))["ownership"].to_pylist()
    assert {r["party_id"] for r in rows} == {"B"}
    with pytest.raises(NotFoundError, match="P"):
        looked_through(OWN_A, targets=("P",))


def test_small_holders_are_added_up():
    row = total("P 99.5 A, Q 0.5 A", "A", least=Rate(10_000))
    assert (row["listed"], row["small"]) == (995_000, 5_000)


def test_above_a_circle_without_bound_there_is_none():
    """C may own nearly all of itself and A the rest: what B has of it then has no bound."""
    ties = "C 0-99.9998 C, B 0-83.0574 C, A 0.0001-92.3143 C, C 0-0.0003 A, B 0-0.0001 A"
    assert found(ties, "economic")["B", "C"] == (0, 1_000_000)
    assert found(ties.replace("99.9998", "0.0002"), "economic")["B", "C"] == (0, 830_579)
