"""The step and the stream of features: order, late rows, marks, saving, bad input."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import DataError
from liandong.schema.arrow import conform
from liandong.schema.tables.features import COLUMNS
from liandong.testing.checks import digest
from liandong.trace import FlowStream, features
from support.flows import account_table, flow_table
from support.source import ROOT

LINES = (
    "A B 100", "B C 90", "C A 80", "A A 5", "X B 0", "B A 70", "A B -30 reversal ref=f0",
    "A B 100 at=90000", "D B 7 at=90000", "D C 9 at=90001", "A C 2 at=3000000",
)  # fmt: skip


def by_id(table):
    return {r["flow_id"]: r for r in table.to_pylist()}


def offline(flow):
    """Return the step's rows in the order of time."""
    found = features(flow, account_table())["flow_feature"]
    seq = flow.select(["flow_id", "seq"])
    ordered = found.join(seq, "flow_id").combine_chunks()
    keys = [("at", "ascending"), ("seq", "ascending"), ("flow_id", "ascending")]
    return conform("flow_feature", ordered.sort_by(keys))


def same(left, right):
    assert digest(left.combine_chunks()) == digest(right.combine_chunks())


def test_known_answers_of_a_small_log():
    got = by_id(features(flow_table(*LINES), account_table())["flow_feature"])
    closing = got["f2"]
    assert (closing["circles_3"], closing["circles_2"], closing["circles_cut"]) == (1, 0, 0)
    assert closing["passed_on"] == 80 / 90
    assert (closing["src_in_sum_1d"], closing["dst_in_sum_1d"]) == (90, 80)
    assert closing["paid"] == 80
    assert closing["round"] == 1
    assert (got["f3"]["src_out_count_1d"], got["f3"]["src_in_count_1d"]) == (2, 2)
    assert not any(got["f3"][f"circles_{k}"] for k in (2, 3, 4, 5))
    assert got["f5"]["back_sum_30d"] == 100
    assert got["f5"]["circles_2"] == 1
    # What is taken back is money the other way round.
    assert (got["f6"]["paid"], got["f6"]["src_out_sum_1d"]) == (30, 90 + 70 + 30)
    assert got["f7"]["pair_since"] == 90_000
    assert (got["f7"]["pair_count_1d"], got["f7"]["pair_count_7d"]) == (1, 2)
    assert (got["f10"]["src_out_count_30d"], got["f10"]["src_in_last"]) == (1, 30)


def test_scatter_gather():
    got = by_id(features(flow_table("S M 9", "S N 9", "S O 9", "M T 8", "N T 8", "O T 8"))
                ["flow_feature"])  # fmt: skip
    assert [got[f"f{k}"]["scatter_gather"] for k in range(6)] == [0, 0, 0, 0, 1, 2]


def test_every_column_is_in_the_table():
    found = features(flow_table(*LINES), account_table())
    assert found["flow_feature"].column_names == ["flow_id", "at", *(c.name for c in COLUMNS)]
    assert found["account_feature"]["account_id"].to_pylist() == ["A", "B", "C", "D", "X"]


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_a_stream_gives_what_the_step_gives(data):
    flow = flow_table(*LINES)
    stream, at, parts = FlowStream(), 0, []
    while at < len(flow):
        size = data.draw(st.integers(1, len(flow)))
        parts.append(stream.push(flow.slice(at, size)))
        at += size
        action = data.draw(st.sampled_from(["", "mark", "save"]))
        if action == "mark":
            stream.mark()
        elif action == "save":
            stream = FlowStream.load(stream.save())
    same(pa.concat_tables(parts), offline(flow))
    same(stream.accounts(), features(flow, account_table())["account_feature"])


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(len(LINES))), st.integers(1, 5))
def test_late_transfers_are_replayed_to_the_same(order, size):
    flow = flow_table(*LINES)
    stream, latest = FlowStream(), {}
    for at in range(0, len(order), size):
        latest |= by_id(stream.push(flow.take(order[at : at + size])))
    assert latest == by_id(offline(flow))


def test_rows_before_the_mark_and_repeated_rows_are_refused_and_change_nothing():
    flow = flow_table(*LINES)
    stream = FlowStream()
    stream.push(flow.slice(0, 4))
    stream.mark()
    stream.push(flow.slice(6, 2))
    for wrong in (flow.slice(2, 1), flow.slice(7, 1), pa.concat_tables([flow.slice(9, 1)] * 2)):
        with pytest.raises(DataError) as refused:
            stream.push(wrong)
        assert refused.value.text("zh")
    found = [stream.push(flow.slice(4, 2)), stream.push(flow.slice(8))]
    want = offline(flow)
    same(found[0], want.slice(4, 4))
    same(found[1], want.slice(8))


def test_amounts_that_cannot_be_summed_are_refused():
    huge = flow_table("A B 4000000000000000000", "A B 4000000000000000000")
    with pytest.raises(DataError):
        features(huge, account_table())
    with pytest.raises(DataError):
        FlowStream().push(huge)


def test_the_largest_amounts_keep_their_last_digit():
    most = 4 * 10**18
    got = by_id(features(flow_table(f"A B {most}", "A B 1"), account_table())["flow_feature"])
    assert got["f1"]["src_out_sum_1d"] == most + 1
    assert got["f1"]["src_out_max_30d"] == most
    logs = np.array([61 + (most + 1 - 2**61) * 1024 // 2**61 / 1024, 1])
    assert got["f1"]["src_out_spread_30d"] == pytest.approx(logs.std())
    assert np.isfinite([v for v in got["f1"].values() if isinstance(v, float)]).all()


def test_nothing_gives_nothing():
    found = features()
    assert [len(t) for t in found.values()] == [0, 0]
    assert len(FlowStream().push(flow_table())) == 0
    assert len(FlowStream().accounts()) == 0


def test_the_recipe_lists_all_columns():
    page = (ROOT / "docs/recipes/features.md").read_text("utf-8")
    rows = [f"| `{c.name}` | {c.kind} | {c.unit} | {c.en} | {c.zh} |" for c in COLUMNS]
    assert "\n".join(rows) in page
    assert f"by {len(COLUMNS)} numbers" in page
