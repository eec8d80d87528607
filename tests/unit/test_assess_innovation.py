"""Innovation value: planted quality is found, none where none is, and nothing looks ahead."""

from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from liandong.assess import InnovationRule, innovation
from liandong.assess.innovation.fields import Portfolio
from liandong.assess.innovation.terms import TERMS, orders_at, terms_at
from liandong.assess.measures.invoices import invoice_sums
from liandong.schema.arrow import build, empty
from liandong.testing import check_step
from liandong.types import Rate
from liandong.world import make
from support.worlds import Tables, mapping, medium_world, only, small_world, truths

LAST = date(2025, 12, 31)


@cache
def no_quality() -> Tables:
    """Return the medium world, but where invention tells nothing of growth."""
    return make(firms=3_000, months=36, seed=11, invention=Rate(0))


def valued(world: Tables, day: date = LAST, **params: object) -> Tables:
    """Run the step on a world."""
    return innovation(*(world[n] for n in innovation.reads), as_of=day, **params)


@pytest.fixture(scope="module")
def found() -> Tables:
    return valued(medium_world())


def figures(found: Tables, name: str) -> dict[str, dict]:
    """Return the figures of a slice by measure."""
    return {r["measure"]: r for r in only(found["innovation_test"], "slice", name).to_pylist()}


def _ranks(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values)).astype(float)


def test_quality_that_was_planted_is_found(found: Tables) -> None:
    quality = {t["subject"]: t["detail"]["quality_milli"] for t in
               truths(medium_world(), "inventive_firm")}  # fmt: skip
    rows = [r for r in found["innovation"].to_pylist() if r["points"] is not None]
    assert len(rows) > 150
    pairs = np.array([(quality[r["party_id"]], r["points"]) for r in rows], float)
    assert np.corrcoef(_ranks(pairs[:, 0]), _ranks(pairs[:, 1]))[0, 1] > 0.5


def test_the_gain_is_shown_on_firms_left_out(found: Tables) -> None:
    for name in ("over.size_age", "over.size_age_orders"):
        told = figures(found, name)
        assert told["r2_p"]["value"] <= 0.05
        assert told["rank_p"]["value"] <= 0.05
        assert told["rank_gain"]["low"] > 0
        assert told["r2_gain"]["value"] > 0.05
        gain = told["r2_after"]["value"] - told["r2_before"]["value"]
        assert told["r2_gain"]["value"] == pytest.approx(gain)


def test_no_gain_is_shown_where_there_is_none() -> None:
    told = valued(no_quality())
    for name in ("over.size_age", "over.size_age_orders"):
        assert figures(told, name)["r2_p"]["value"] > 0.05
        assert figures(told, name)["rank_p"]["value"] > 0.05
        assert figures(told, name)["r2_gain"]["low"] <= 0
        assert figures(told, name)["rank_gain"]["low"] <= 0


def test_worlds_differ_in_what_is_invented_alone() -> None:
    with_it, without = medium_world(), no_quality()
    assert all(with_it[n].equals(without[n]) for n in with_it if n not in {"signal", "truth"})
    office = ("declared_sales", "kwh", "insured", "patents", "cases_amount")
    assert only(with_it["signal"], "measure", *office).equals(
        only(without["signal"], "measure", *office)
    )


def test_fields_add_up_to_patents() -> None:
    signal = medium_world()["signal"]
    fields = signal.filter(pc.starts_with(signal["measure"], "patents."))
    by_firm = mapping(
        only(signal, "measure", "patents").group_by("party_id").aggregate([("value", "sum")]),
        "party_id", "value_sum",
    )  # fmt: skip
    told = fields.group_by("party_id").aggregate([("value", "sum")])
    assert mapping(told, "party_id", "value_sum") == {k: v for k, v in by_firm.items() if v}


def test_points_are_the_sum_of_their_reasons(found: Tables) -> None:
    for row in found["innovation"].to_pylist():
        codes = [r["code"] for r in row["reasons"]]
        if row["points"] is None:
            assert codes == ["innovation.no_trace"]
            assert row["expected"] is row["rank"] is row["points_low"] is None
            continue
        assert row["points"] == sum(r["points"] for r in row["reasons"])
        assert len(codes) == len(set(codes)) == sum(t.block == "innovation" for t in TERMS)
        assert row["points_low"] <= row["points"] <= row["points_high"]
        assert 0 <= row["low"] <= row["expected"] <= row["high"]
        assert (row["worth"] > 0) == (row["points"] > 0)


def test_standing_is_the_share_below(found: Tables) -> None:
    rows = found["innovation"].filter(pc.is_valid(found["innovation"]["points"]))
    points, rank = (rows[n].to_numpy() for n in ("points", "rank"))
    for p, r in zip(points[:20], rank[:20], strict=True):
        share = ((points < p).mean() + (points <= p).mean()) / 2
        assert r == pytest.approx(share * 1e6, abs=1)


def test_intervals_hold_in_the_year_that_follows() -> None:
    day = date(2024, 12, 31)
    world = medium_world()
    rows = [r for r in valued(world, day)["innovation"].to_pylist() if r["expected"] is not None]
    good = only(world["invoice"], "status", "valid", "red")
    later = good.filter(pc.greater(good["date"], pa.scalar(day)))
    sold = mapping(later.group_by("seller").aggregate([("net", "sum")]), "seller", "net_sum")
    inside = [r["low"] <= max(0, sold.get(r["party_id"], 0)) <= r["high"] for r in rows]
    assert len(rows) > 150
    assert 0.82 < np.mean(inside) < 0.97
    coverage = figures(valued(world, day), "all")["coverage"]
    assert coverage["low"] < 0.9 < coverage["high"]


def test_nothing_after_the_day_is_used() -> None:
    world, day = medium_world(), date(2025, 6, 30)
    seen = pc.less_equal(world["signal"]["seen_at"], pa.scalar(day))
    before = {
        **world,
        "signal": world["signal"].filter(seen),
        "invoice": world["invoice"].filter(pc.less_equal(world["invoice"]["date"], pa.scalar(day))),
        "bid": world["bid"].filter(pc.less_equal(world["bid"]["at"], pa.scalar(day))),
    }
    assert valued(world, day) == valued(before, day)


def test_what_is_learnt_from_was_known_a_year_before() -> None:
    world, rule = medium_world(), InnovationRule(as_of=LAST)
    party = world["party"].slice(0, 3_000).sort_by("party_id")
    ids = party["party_id"].combine_chunks()
    seen = pc.less_equal(world["signal"]["seen_at"], pa.scalar(rule.learn))
    won = pc.less_equal(world["bid"]["at"], pa.scalar(rule.learn))
    early = {
        **world, "signal": world["signal"].filter(seen), "bid": world["bid"].filter(won),
    }  # fmt: skip
    old = world["invoice"].filter(pc.less_equal(world["invoice"]["date"], pa.scalar(rule.learn)))
    both = []
    for tables, sums, back in (
        (world, invoice_sums(world["invoice"], ids, LAST), 12),
        (early, invoice_sums(old, ids, rule.learn), 0),
    ):
        orders = orders_at(sums, ids, back)
        both.append(terms_at(party, orders, tables, rule.learn, rule.floor))
    known = orders.known  # who shares invoices at all shows in later ones, too
    np.testing.assert_array_equal(both[0][0][known], both[1][0][known])
    np.testing.assert_array_equal(both[0][1], both[1][1])


@pytest.mark.parametrize(
    ("as_of", "learn"),
    [("2025-12-31", "2024-12-31"), ("2024-02-29", "2023-02-28"), ("2025-02-28", "2024-02-29"),
     ("2024-02-28", "2023-02-28"), ("2025-06-15", "2024-06-15"), ("2025-11-30", "2024-11-30")],
)  # fmt: skip
def test_a_year_before(as_of: str, learn: str) -> None:
    rule = InnovationRule(as_of=date.fromisoformat(as_of))
    assert rule.learn == date.fromisoformat(learn)


def test_too_few_firms_are_not_valued() -> None:
    found = valued(small_world(), date(2024, 6, 30))
    rows = found["innovation"].to_pylist()
    codes = {r["reasons"][0]["code"] for r in rows}
    assert codes == {"innovation.too_few_peers", "innovation.no_trace"}
    assert all(r["points"] is r["expected"] is None for r in rows)
    assert {r["measure"] for r in found["innovation_test"].to_pylist()} == {"firms"}


def test_what_is_not_shared_counts_neither_way(found: Tables) -> None:
    world = medium_world()
    who = next(r for r in found["innovation"].to_pylist() if r["points"] and r["field"])
    mine = pc.equal(world["signal"]["party_id"], who["party_id"])
    hidden = pc.and_(mine, pc.equal(world["signal"]["source"], "ip"))
    told = valued({**world, "signal": world["signal"].filter(pc.invert(hidden))})
    row = next(r for r in told["innovation"].to_pylist() if r["party_id"] == who["party_id"])
    silent = {r["code"]: r["points"] for r in row["reasons"] if "unknown" in r["code"]}
    assert silent.keys() >= {f"innovation.unknown(invention_{n})" for n in (
        "grants", "fresh", "pipeline", "fields", "near_region", "coherence",
    )}  # fmt: skip
    assert not any(silent.values())
    assert row["field"] is None


def test_a_firm_without_invoices_has_points_but_no_orders(found: Tables) -> None:
    world = medium_world()
    who = next(r["party_id"] for r in found["innovation"].to_pylist() if r["points"])
    invoice = world["invoice"]
    mine = pc.or_(pc.equal(invoice["seller"], who), pc.equal(invoice["buyer"], who))
    told = valued({**world, "invoice": invoice.filter(pc.invert(mine))})
    row = next(r for r in told["innovation"].to_pylist() if r["party_id"] == who)
    assert row["points"] is not None
    assert row["orders"] is row["expected"] is row["worth"] is None


def test_own_patents_do_not_make_a_region_strong() -> None:
    def signal(rows: list[tuple[str, str, float]]) -> pa.Table:
        return build("signal", {
            "party_id": [r[0] for r in rows], "source": ["ip"] * len(rows),
            "measure": [f"patents.{r[1]}" for r in rows], "period": ["2024-01"] * len(rows),
            "value": [r[2] for r in rows], "seen_at": [date(2024, 2, 1)] * len(rows),
        })  # fmt: skip

    party = build("party", {
        "party_id": ["A", "B", "C", "D"], "kind": ["firm"] * 4, "name": ["A", "B", "C", "D"],
        "region_id": ["310000", "310000", "320000", None],
    })  # fmt: skip
    rows = [("A", "G06F", 1.0), ("B", "H04L", 1.0), ("C", "G06F", 2.0), ("C", "H04L", 1.0),
            ("C", "A61K", 3.0), ("D", "A61K", 1.0)]  # fmt: skip
    known = Portfolio.known(signal(rows), party, date(2024, 3, 1))
    assert known.fields == ["A61K", "G06F", "H04L"]
    near = known.measures(party["party_id"].combine_chunks())["invention_near_region"]
    # Shanghai without A is strong in H04L, which is half of what is related to A's G06F; A's own
    # G06F would not count, and D has no region.
    assert near[0] == pytest.approx(0.5)
    assert np.isnan(near[3])
    many = Portfolio.known(signal([*rows, ("A", "G06F", 50.0)][1:]), party, date(2024, 3, 1))
    assert many.measures(pa.array(["A"]))["invention_near_region"][0] == near[0]
    assert len(Portfolio.known(signal(rows), party, date(2024, 1, 31)).ids) == 0


def test_the_step_holds_the_conventions() -> None:
    world = make(firms=900, months=30, seed=5)
    given = {n: world[n] for n in innovation.reads}
    rule = InnovationRule(as_of=date(2025, 6, 30), permutations=19, repeats=1)
    assert any(r["points"] is not None for r in
               innovation(*given.values(), rule=rule)["innovation"].to_pylist())  # fmt: skip
    check_step(innovation, given, rule)


def test_a_board_of_parties_alone_gets_no_values() -> None:
    party = medium_world()["party"]
    nothing = (empty(n) for n in ("invoice", "signal"))
    found = innovation(*nothing, party, empty("bid"), as_of=LAST)
    assert set(found["innovation"]["points"].to_pylist()) == {None}
