"""The gap step on random figures: order and parts change no bit, and nothing breaks it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.schema.arrow import build
from liandong.step.local import run_step
from liandong.survey import GapRule, gap

BELTS = {"110000": "east", "140000": "central", "150000": "west", "710000": None}
STATS = st.lists(
    st.tuples(
        st.sampled_from([*BELTS, "999999"]),
        st.sampled_from(["2022", "2023"]),
        st.sampled_from(["gdp", "population"]),
        st.sampled_from(["old", "new"]),
        st.floats(-5, 1e6),
    ),
    unique_by=lambda r: r[:4],
    max_size=30,
)


def region_table(belts):
    return build("region", {
        "region_id": list(belts), "name": list(belts), "belt": list(belts.values()),
        "level": ["province"] * len(belts),
    })  # fmt: skip


def stat_table(rows):
    names = ("region_id", "period", "measure", "vintage", "value")
    return build("region_stat", {
        **{n: [r[i] for r in rows] for i, n in enumerate(names)},
        "unit": ["-"] * len(rows), "source": ["-"] * len(rows),
    })  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(STATS, st.randoms())
def test_order_and_parts_change_no_bit(rows, random):
    rows += [("100000", "2023", m, "v", 1.0) for m in ("gdp", "population")]  # none would be named
    tables = {"region_stat": stat_table(rows), "region": region_table(BELTS)}
    first = run_step(gap, tables, GapRule(), 1)
    random.shuffle(rows)
    shuffled = {
        "region_stat": stat_table(rows), "region": region_table(dict(reversed(BELTS.items())))
    }  # fmt: skip
    for parts in (1, 2, 7):
        assert run_step(gap, shuffled, GapRule(), parts) == first
    totals = [r for r in first["gap"].to_pylist() if r["part"] == "total"]
    assert all(r["value"] is None or r["value"] > -1e-9 for r in totals)


def test_regions_of_another_level_are_not_compared():
    stat = stat_table([("110000", "2023", m, "v", 1.0) for m in ("gdp", "population")])
    assert len(gap(stat, region_table(BELTS))["gap"]) == 14
    assert len(gap(stat, region_table(BELTS), level="city")["gap"]) == 0
