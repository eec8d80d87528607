"""Experiments with policy: what is known beforehand comes out, to the fen."""

import json
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from liandong.errors import DataError, UsageError
from liandong.kernels.statistics.distributions import normal_quantile, student_quantile
from liandong.match import ExperimentRule, experiment, quote
from liandong.match.experiment.chance import given_shock, in_period
from liandong.match.experiment.course import Period
from liandong.match.experiment.effects import MEASURES, effects, measured
from support.lending import DAY, WAN, churn
from support.sandbox import board, by_hand, played, rule, spread


def test_without_defaults_nothing_is_lost():
    paths, told = played(board(), rule(periods=8, pd_factor="0%"))
    last = [paths["now", r, 8] for r in (1, 2, 3)]
    assert all(p["closing"] + p["book"] == 10_000 * WAN for p in last)
    for p in paths.values():
        assert (p["defaults"], p["lost"], p["guaranteed"], p["recovered"]) == (0, 0, 0, 0)
    assert told["now", "lending", 0]["value"] > 0
    # A loan of twelve months begun in period 1 is repaid at the end of period 4, and lent again.
    assert paths["now", 1, 4]["repaid"] == paths["now", 1, 1]["lent"] == paths["now", 1, 5]["lent"]


def test_the_same_policy_twice_differs_by_exactly_nothing():
    _, told = played(board(20), rule({}, {"name": "again"}, replications=4))
    again = [r for (arm, *_), r in told.items() if arm == "again"]
    assert len(again) == len(MEASURES) * 4
    assert {r["verdict"] for r in again} <= {"same", None}
    assert {(r["difference"], r["diff_low"], r["diff_high"]) for r in again if r["verdict"]} == {
        (0.0, 0.0, 0.0)
    }
    assert all(r["verdict"] is None for (arm, *_), r in told.items() if arm == "now")


def test_a_budget_that_binds_nowhere_changes_only_what_is_left():
    more = {"name": "more", "budget": "200_000_000 CNY"}
    _, told = played(board(12), rule({}, more))
    for (arm, measure, _), r in told.items():
        if arm == "more" and measure == "closing":
            assert (r["verdict"], r["difference"]) == ("more", 10_000 * WAN)
        elif arm == "more":
            assert r["verdict"] in {"same", None}, measure


def test_each_course_is_that_of_another_program_which_tries_every_allocation():
    product = {"P": {"guarantee_cover": 300_000, "lgd": 333_333, "term_months": 6, "step_amount":
                     5 * WAN, "max_amount": 30 * WAN}}  # fmt: skip
    tables = board(5, product=product, term=6,
                   need=[30 * WAN, 25 * WAN, 20 * WAN, 15 * WAN, 10 * WAN])  # fmt: skip
    asked = rule(
        {"budget": "550_000 CNY", "added": "50_000 CNY"}, {"name": "other"}, demand="70%",
        periods=6, replications=8, pd_factor="1000%", months=3,
    )  # fmt: skip
    rows = quote(*(tables[r] for r in quote.reads), rule=asked)["quote"].to_pylist()
    quoted = [(r["limit"], r["value_rate"]) for r in rows]
    paths, _ = played(tables, asked)
    for replication in range(1, 9):
        for t, wanted in enumerate(by_hand(tables, asked, quoted, replication), start=1):
            row = paths["now", replication, t]
            assert {n: row[n] for n in wanted} == wanted
    assert sum(p["defaults"] for p in paths.values()) > 5


def test_defaults_without_a_common_fortune_are_binomial():
    n, chance, times = 60, 0.1, 80
    tables = board(n, pd=100_000, product={"P": {"max_rate": 400_000}})
    asked = rule(correlation="0%", periods=1, months=12, replications=times)
    paths, _ = played(tables, asked)
    assert set(spread(paths, "now", "loans")) == {n}
    found = spread(paths, "now", "defaults")
    variance = n * chance * (1 - chance)
    assert abs(found.mean() - n * chance) < 4 * (variance / times) ** 0.5
    # (times - 1) s² / variance is chi-square with times - 1 degrees of freedom, nearly.
    assert abs(found.var(ddof=1) / variance - 1) < 4 * (2 / (times - 1)) ** 0.5
    together, _ = played(tables, rule(correlation="30%", periods=1, months=12, replications=times))
    apart = spread(together, "now", "defaults")
    assert abs(apart.mean() - n * chance) < 4 * (apart.var() / times) ** 0.5
    assert apart.var(ddof=1) > 4 * variance


def test_the_mean_over_the_common_fortune_is_the_probability_of_default():
    shocks = normal_quantile((np.arange(4_000) + 0.5) / 4_000)
    pd = np.array([0.0, 0.004, 0.1, 0.6, 1.0])
    mean = np.mean([given_shock(pd, float(s), 0.2) for s in shocks], axis=0)
    assert mean == pytest.approx(pd, rel=5e-3)
    assert given_shock(pd, -1.0, 0.0).tolist() == pd.tolist()
    assert (given_shock(pd[1:4], -2.0, 0.2) > pd[1:4]).all()  # a bad year


def test_four_quarters_are_a_year():
    pd = np.array([0.0, 0.05, 1.0])
    assert (1 - (1 - in_period(pd, 3)) ** 4).tolist() == pytest.approx(pd.tolist())
    assert in_period(pd, 12).tolist() == pytest.approx(pd.tolist())


def test_who_defaulted_never_asks_again_and_his_loss_has_layers():
    product = {"P": {"guarantee_cover": 800_000, "lgd": 450_000, "max_rate": 900_000}}
    paths, told = played(board(3, product=product, pd=500_000), rule(pd_factor="200%"))
    first, second = paths["now", 1, 1], paths["now", 1, 2]
    assert (first["defaults"], first["loans"], first["interest"]) == (3, 3, 0)
    hole = first["lent"] * 45 // 100
    assert first["recovered"] == first["lent"] - hole
    assert (first["guaranteed"], first["lost"]) == (hole * 8 // 10, hole * 2 // 10)
    assert (second["asked"], second["lent"], second["book"]) == (0, 0, 0)
    assert told["now", "micro_share", 2]["value"] is None
    assert told["now", "micro_share", 2]["n"] == 0


def test_who_had_credit_is_no_first_time_borrower_any_more():
    only = {"name": "first", "limits": [
        {"name": "new", "of": {"first_time": True}, "least_share": "100%"}]}  # fmt: skip
    tables = board(4, product={"P": {"term_months": 3}}, term=3)
    tables["loan"] = pa.Table.from_pylist(
        [{**dict.fromkeys(tables["loan"].schema.names), "loan_id": "L", "party_id": "X",
          "lender_id": "BANK", "amount": 1, "start": DAY, "term_months": 1, "status": "repaid"}],
        tables["loan"].schema,
    )  # fmt: skip
    paths, told = played(tables, rule({}, only, pd_factor="0%"))
    assert [paths["first", 1, t]["first_loans"] for t in (1, 2, 3)] == [4, 0, 0]
    assert [paths["first", 1, t]["stopped"] for t in (1, 2, 3)] == [0, 1, 1]
    assert [paths["now", 1, t]["loans"] for t in (1, 2, 3)] == [4, 4, 4]
    assert paths["now", 1, 2]["first_lent"] == 0
    assert told["first", "stopped", 0]["difference"] == 2.0


def test_changed_terms_and_bans_reach_the_loans():
    state = {"name": "state", "terms": [{"subsidy_rate": "1%", "guarantee_cover": "80%"}]}
    banned = {"name": "banned", "bans": [{"name": "c", "basis": "试验", "purposes": ["厂"]}]}
    dear = {"name": "dear", "terms": [{"product_id": "P", "ceiling_rate": "1%"}]}
    tables = board(4)
    purpose = pa.array(["厂房"] * 4, pa.string())
    at = tables["project"].column_names.index("purpose")
    tables["project"] = tables["project"].set_column(at, "purpose", purpose)
    paths, told = played(tables, rule({}, state, banned, dear, pd_factor="0%", periods=4))
    row = paths["state", 1, 1]
    assert row["subsidy"] == row["lent"] // 100 * 3 // 12
    assert told["state", "paid_rate", 0]["verdict"] == "less"  # cover makes it cheaper as well
    for arm in ("banned", "dear"):
        assert told[arm, "lending", 0]["high"] == 0


def test_equal_parts_are_repaid_in_each_period():
    paths, _ = played(board(2), rule(pd_factor="0%", repayment="equal", periods=4))
    rows = [paths["now", 1, t] for t in (1, 2, 3, 4)]
    assert len({r["repaid"] for r in rows}) == 1
    assert rows[0]["repaid"] == rows[0]["lent"] // 4
    assert (rows[3]["book"], rows[3]["asked"]) == (0, 0)


def test_the_curve_of_customers_lost_says_how_many_decline():
    tables = board(200, pd=20_000, product={"P": {"capacity": 30_000 * WAN}})
    tables["churn"] = churn("A", [(0, 250_000), (999_999, 250_000)])
    rich = {"budget": "1_000_000_000 CNY"}
    paths, _ = played(tables, rule(rich, {"name": "other"}, periods=1, replications=10))
    declined = spread(paths, "now", "declined")
    assert abs(declined.sum() / 2_000 - 0.25) < 4 * (0.25 * 0.75 / 2_000) ** 0.5
    assert set(declined + spread(paths, "now", "loans")) == {200}


def period(**told):
    """A period in which nothing happened but what is told."""
    return Period(**{**dict.fromkeys(Period._fields, 0), "places": np.zeros(2, np.int64), **told})


def test_differences_are_paired_with_the_interval_of_student():
    def course(*lent):
        return [[period(lent=x, micro_lent=x // 2, book=x, places=np.array([x, 0]))] for x in lent]

    need = np.array([1, 1])
    by_arm = {"a": measured(course(10, 200, 30), need), "b": measured(course(12, 204, 36), need)}
    found = {(e.arm, e.measure, e.period): e for e in effects(by_arm, 0.95)}
    row = found["b", "lending", 1]
    assert row.difference == pytest.approx(4.0)
    half = student_quantile(1 - 0.05 / len(MEASURES) / 2, 2) * 2 / 3**0.5
    assert (row.diff_low, row.diff_high) == pytest.approx((4 - half, 4 + half))
    assert (row.verdict, row.value) == ("unclear", pytest.approx(84.0))
    assert found["b", "lending", 0][3:] == row[3:]  # one period is the whole
    assert found["b", "micro_share", 1].value == pytest.approx(500_000)
    assert found["b", "theil", 1].value == pytest.approx(np.log(2))
    assert found["b", "profit", 1].verdict == "same"
    assert found["a", "lending", 1].verdict is None


def test_a_clear_difference_is_told_with_its_sign():
    less = {"name": "less", "budget": "1_000_000 CNY"}
    _, told = played(board(20), rule({}, less, replications=6))
    row = told["less", "lending", 1]
    assert (row["verdict"], row["difference"]) == ("less", pytest.approx(-1_900 * WAN))
    assert told["less", "theil", 1]["value"] > told["now", "theil", 1]["value"] - 1e-12
    assert told["now", "theil", 1]["value"] == pytest.approx(0)  # all get what they need


def test_assumptions_are_told_and_the_rule_is_kept():
    tables = board()
    asked = rule(correlation="15%", demand="40%")
    found = experiment(*(tables[r] for r in experiment.reads), rule=asked)["experiment"]
    row = found.to_pylist()[0]
    told = {r["code"]: r["points"] for r in row["reasons"]}
    assert told["match.experiment_correlation"] == 150_000
    assert told["match.experiment_demand"] == 400_000
    assert told["match.experiment_closed"] == row["firms"] == 6
    assert told["match.experiment_gap"] >= 0
    assert json.loads(row["terms"])["arms"][1]["name"] == "other"


def test_money_is_kept_from_period_to_period():
    paths, _ = played(board(30), rule(periods=6, demand="50%", pd_factor="800%"))
    rows = [paths["now", 1, t] for t in range(1, 7)]
    assert all(a["closing"] == b["opening"] for a, b in pairwise(rows))
    assert rows[0]["opening"] == 0
    assert sum(r["added"] - r["lost"] for r in rows) == rows[-1]["closing"] + rows[-1]["book"]


@pytest.mark.parametrize("bad", [
    {"arms": [{"name": "a", "budget": "1"}]},
    {"arms": [{"name": "a", "budget": "1"}, {"name": "a", "budget": "2"}]},
    {"arms": [{"name": "a", "budget": "1"}, {"name": "b", "budget": "1", "limits": [
        {"name": "x", "of": {"micro": False}, "least_share": "50%"}]}]},
    {"arms": [{"name": "a", "budget": "1"}, {"name": "b", "budget": "1"}], "correlation": "100%"},
])  # fmt: skip
def test_what_cannot_be_tried_is_refused(bad):
    with pytest.raises(UsageError):
        ExperimentRule.make(as_of=DAY, name="x", **bad)


def test_a_change_of_no_product_is_named():
    wrong = {"name": "x", "terms": [{"product_id": "Z", "subsidy_rate": "1%"}]}
    with pytest.raises(DataError, match="Z"):
        played(board(), rule({}, wrong))
