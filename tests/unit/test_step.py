"""Steps and rules: cutting, the three kinds, and what they refuse."""

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.engine.local import LocalEngine
from liandong.errors import InvariantError, UsageError
from liandong.schema.arrow import build, empty
from liandong.step import Rule, each, fold, output, rounds
from liandong.step.local import cut, run_step
from liandong.step.registry import step, steps
from liandong.testing import check_step, tables
from liandong.types import Money, Rate

DAY = dt.date(2020, 1, 1)


class Threshold(Rule):
    least: Money = Money(0)
    share: Rate = Rate(500_000)
    names: tuple[str, ...] = ()


def feature(party, value):
    n = len(party)
    return output("feature", party_id=party, value=pc.cast(value, pa.float64()), measure=["m"] * n,
                  as_of=pa.array([DAY] * n, pa.date32()))  # fmt: skip


def _sums(t, rule):
    big = t["flow"].filter(pc.greater_equal(t["flow"]["amount"], int(rule.least)))
    return {"sums": big.group_by("src_account").aggregate([("amount", "sum")])}


@fold(name="trace.paid", reads=("flow",), writes=("feature",), split=("flow",), partial=_sums,
      rule=Threshold)  # fmt: skip
def paid(t, _rule):
    """Sum what each account paid."""
    sums = t["sums"].group_by("src_account").aggregate([("amount_sum", "sum")])
    return feature(sums["src_account"], sums["amount_sum_sum"])


@each(name="trace.counted", reads=("flow",), writes=("feature",), split=("flow",), by="src_account")
def counted(t, _rule):
    """Count the payments of each account."""
    n = t["flow"].group_by("src_account").aggregate([([], "count_all")])
    return feature(n["src_account"], n["count_all"])


def _start(t, _rule):
    return {"seen": pa.table({"account": pa.array(["A"])})}


def _reach(t, _rule):
    hit = t["flow"].filter(
        pc.is_in(t["flow"]["src_account"], value_set=_flat(t["seen"]["account"]))
    )
    return {"found": pa.table({"account": hit["dst_account"]})}


def _advance(state, merged, _rule):
    both = pa.chunked_array(state["seen"]["account"].chunks + merged["found"]["account"].chunks)
    now = pa.table({"account": pc.unique(both).sort()})
    return {"seen": now}, len(now) == len(state["seen"])


@rounds(name="trace.reach", reads=("flow",), writes=("feature",), split=("flow",), start=_start,
        partial=_reach, advance=_advance)  # fmt: skip
def reach(t, _rule):
    """Find the accounts that money of A can reach."""
    n = len(t["seen"]) if len(t["flow"]) else 0
    return feature(t["seen"]["account"].slice(0, n), pa.array([1] * n))


def _flat(column):
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


ACCOUNTS = st.text("ABCD", min_size=1, max_size=2)
FLOWS = tables("flow", src_account=ACCOUNTS, dst_account=ACCOUNTS, amount=st.integers(1, 10**9))


@settings(max_examples=25, deadline=None)
@given(FLOWS.filter(len))
@pytest.mark.parametrize("chosen", [paid, counted, reach], ids=lambda s: s.kind)
def test_the_three_kinds_hold_the_conventions(chosen, flow):
    check_step(chosen, {"flow": flow})


@given(FLOWS, st.integers(1, 9))
def test_cutting_loses_no_row(flow, parts):
    for chosen in (paid, counted):
        pieces = cut(chosen, {"flow": flow}, parts)
        whole = pa.concat_tables([p["flow"] for p in pieces])
        assert sorted(whole["flow_id"].to_pylist()) == sorted(flow["flow_id"].to_pylist())


@given(FLOWS, st.integers(2, 9))
def test_one_key_is_never_cut_apart(flow, parts):
    keys = [set(p["flow"]["src_account"].to_pylist()) for p in cut(counted, {"flow": flow}, parts)]
    assert sum(len(k) for k in keys) == len(set().union(*keys))


def test_check_step_finds_a_step_that_depends_on_row_order():
    @fold(name="trace.first", reads=("flow",), writes=("feature",))
    def first(t, _rule):
        """Take the first row."""
        return feature(t["flow"]["flow_id"].slice(0, 1), t["flow"]["amount"].slice(0, 1))

    flow = sample(9)
    with pytest.raises(AssertionError, match="other row order"):
        check_step(first, {"flow": flow})


def test_check_step_finds_a_step_that_depends_on_its_parts():
    @fold(name="trace.parts", reads=("flow",), writes=("feature",), split=("flow",),
          partial=lambda _t, _: {"n": pa.table({"n": [1]})})  # fmt: skip
    def parts(t, _rule):
        """Count the parts."""
        n = len(t["n"]) if len(t["flow"]) else 0
        return feature(pa.array(["x"] * min(n, 1)), pa.array([n] * min(n, 1)))

    with pytest.raises(AssertionError, match="2 parts"):
        check_step(parts, {"flow": sample(9)})


def sample(n):
    return build("flow", {
        "flow_id": [f"{i}" for i in range(n)], "src_account": ["A", "B", "C"] * (n // 3),
        "dst_account": ["B"] * n, "amount": list(range(1, n + 1)), "seq": list(range(n)),
        "kind": ["transfer"] * n, "at": [dt.datetime(2020, 1, 1, tzinfo=dt.UTC)] * n,
    })  # fmt: skip


def test_a_step_must_write_what_it_declares():
    @fold(name="trace.silent", reads=("flow",), writes=("feature",))
    def silent(_t, _rule):
        """Write nothing."""
        return {}

    with pytest.raises(InvariantError, match=r"trace\.silent"):
        silent(empty("flow"))


def test_a_step_may_not_repeat_a_key_or_leave_gaps():
    @fold(name="trace.twice", reads=("flow",), writes=("feature",))
    def twice(_t, _rule):
        """Write a row twice."""
        return feature(pa.array(["x", "x"]), pa.array([1, 2]))

    @fold(name="trace.gap", reads=("flow",), writes=("feature",))
    def gap(_t, _rule):
        """Write a row without its party."""
        return feature(pa.array([None], pa.string()), pa.array([1]))

    with pytest.raises(InvariantError, match="repeats a key"):
        twice(empty("flow"))
    with pytest.raises(InvariantError, match="empty"):
        gap(empty("flow"))


def test_rounds_that_never_settle_are_stopped(monkeypatch):
    monkeypatch.setattr("liandong.step.local.MAX_ROUNDS", 5)

    @rounds(name="trace.endless", reads=("flow",), writes=("feature",), split=("flow",),
            start=_start, partial=_reach, advance=lambda s, _m, _r: (s, False))  # fmt: skip
    def endless(t, _rule):
        """Never finish."""
        return t

    with pytest.raises(InvariantError, match="did not settle"):
        endless(sample(3))


def test_rules_survive_toml_and_have_ids_of_their_content():
    rule = Threshold(least="1_000 CNY", share="4.35%", names=("甲", "b"))
    assert int(rule.least) == 100_000
    assert Threshold.from_toml(rule.to_toml()) == rule
    assert rule.id == Threshold(least=Money(100_000), share=Rate(43_500), names=("甲", "b")).id
    assert rule.id != rule.changed(least="1_000.01 CNY").id


def test_wrong_rules_name_the_field_and_the_known_ones():
    with pytest.raises(UsageError, match=r"colour.*least"):
        Threshold.make(colour="red")
    with pytest.raises(UsageError, match="least"):
        Threshold.make(least=0.5)
    with pytest.raises(UsageError, match="not TOML"):
        Threshold.from_toml("least = ")


def test_rules_hold_in_their_period():
    rule = Threshold(valid_from=DAY, valid_to=dt.date(2020, 12, 31))
    assert rule.holds_on(DAY)
    assert not rule.holds_on(dt.date(2019, 12, 31))
    assert not rule.holds_on(dt.date(2021, 1, 1))


def test_processes_give_the_same_as_threads():
    chosen = step("survey.gap")
    given_ = {
        "region_stat": build("region_stat", {
            "region_id": ["110000", "120000"] * 2, "period": ["2020"] * 4, "vintage": ["v"] * 4,
            "measure": ["gdp", "gdp", "population", "population"], "value": [9.0, 1.0, 2.0, 2.0],
            "unit": ["u"] * 4, "source": ["s"] * 4}),
        "region": empty("region"),
    }  # fmt: skip
    rule = chosen.rule.make()
    one = run_step(chosen, given_, rule, 1)
    many = LocalEngine(2, "processes", parts=2).run(chosen, given_, rule)
    assert all(one[n].equals(many[n]) for n in one)


def test_every_registered_step_is_named_after_its_verb():
    assert steps()
    for name, found in steps().items():
        verb, _, action = name.partition(".")
        assert getattr(__import__(f"liandong.{verb}", fromlist=[action]), action) is found


def test_what_is_wrong_with_a_value_is_said_in_both_languages():
    portions = (
        "agreement a { unit CNY/2; parties h, g; valid 2026-01-01..2026-12-31\n"
        "base yearly = b\ntier rest { h 1/2 } }"
    )
    cases = [
        ("settle.share", {"agreements": [{"name": "a", "text": portions}]}, "不足 1", "whole"),
        ("match.allocate", {"as_of": "x", "budget": "3 亿"}, "应为日期", "valid date"),
        ("match.allocate", {"as_of": "2025-12-31", "budget": "-"}, "的金额", "amount of yuan"),
        ("match.allocate", {"as_of": "2025-12-31", "budget": 3}, "不要写数字", "not as the number"),
        ("assess.backtest", {"as_of": "2025-12-31", "judged": "2026-01-01"}, "一个月", "a month"),
    ]
    for name, values, zh, en in cases:
        with pytest.raises(UsageError) as found:
            step(name).rule.make(**values)
        assert zh in found.value.text("zh")
        assert en in found.value.text("en")
        assert "Value error" not in found.value.text("en")
