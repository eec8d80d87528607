"""Learning a scorecard: outcomes, what is dropped, what is refused, and that order is nothing."""

from datetime import date

import numpy as np
import pytest

from liandong.assess import FitRule, Scorecard, fit, score
from liandong.errors import DataError, UsageError
from liandong.schema.arrow import build, empty
from liandong.testing import check_step

DAY = date(2023, 12, 31)
RANDOM = np.random.default_rng(5)
FIRMS = [f"F{i:03d}" for i in range(200)]
RISK = RANDOM.normal(size=200)
BAD = RISK + RANDOM.normal(size=200) > 1


def features(**columns):
    """Return the features of all firms; NaN becomes null."""
    rows = [(f, n, v) for n, values in columns.items() for f, v in zip(FIRMS, values, strict=True)]
    return build("feature", {
        "party_id": [r[0] for r in rows], "as_of": [DAY] * len(rows),
        "measure": [r[1] for r in rows],
        "value": [None if np.isnan(r[2]) else float(r[2]) for r in rows],
    })  # fmt: skip


def told(bad=BAD, measure="default"):
    n = len(bad)
    return build("signal", {
        "party_id": FIRMS[:n], "source": ["bank"] * n, "measure": [measure] * n,
        "period": ["2024"] * n, "value": [float(b) for b in bad],
    })  # fmt: skip


def learnt(feature, signal=None, event=None, loan=None, **rule):
    tables = (
        feature,
        signal if signal is not None else told(),
        event if event is not None else empty("event"),
        loan if loan is not None else empty("loan"),
    )
    (row,) = fit(*tables, **{"as_of": DAY, "repeats": 2, **rule})["rule"].to_pylist()
    card = Scorecard.from_toml(row["toml"])
    assert (row["rule_id"], row["kind"], row["valid_from"]) == (card.id, "Scorecard", DAY)
    return card


TELLING = features(power_growth=-RISK)


def test_a_telling_measure_is_found_and_points_the_expected_way():
    card = learnt(TELLING)
    (only,) = card.characteristics
    assert (only.measure, only.trend) == ("power_growth", "descending")
    assert list(only.points[:-1]) == sorted(only.points[:-1])
    assert (card.rows, card.bads) == (200, BAD.sum())
    assert 0.5 < card.auc_low < card.auc < card.auc_high <= 1


def test_an_average_of_scorecards_is_a_scorecard():
    single, card = learnt(TELLING), learnt(TELLING, bags=20)
    (only,) = card.characteristics
    assert only.measure == "power_growth"
    assert list(only.points[:-1]) == sorted(only.points[:-1])
    assert len(only.edges) > len(single.characteristics[0].edges)  # the cuts of all of them
    assert abs(mean_pd(card) - BAD.mean()) < 0.02
    assert card.auc > 0.5
    given = {"feature": TELLING, "signal": told(), "event": empty("event"), "loan": empty("loan")}
    check_step(fit, given, FitRule(as_of=DAY, repeats=1, bags=5))


def test_a_measure_may_not_point_the_wrong_way():
    with pytest.raises(DataError, match="no measure"):
        learnt(features(power_growth=RISK))


def test_a_measure_that_is_not_listed_may_point_either_way():
    assert learnt(features(mine=RISK)).characteristics[0].trend == "ascending"
    assert learnt(features(mine=-RISK)).characteristics[0].trend == "descending"


def test_of_two_measures_that_say_the_same_one_is_kept():
    card = learnt(features(power_growth=-RISK, staff_growth=-(RISK**3)))
    assert card.measures == ["power_growth"]


def test_noise_is_left_out_and_absent_values_are_a_bin():
    noise = np.random.default_rng(6).normal(size=200)
    values = np.where(np.arange(200) % 4 == 0, np.nan, -RISK)
    values = np.where(BAD & (np.arange(200) % 3 == 0), np.nan, values)
    card = learnt(features(power_growth=values, sales_growth=noise), min_iv=0.3)
    assert card.measures == ["power_growth"]
    assert card.characteristics[0].points[-1] < 0


def test_what_was_not_shared_teaches_nothing():
    """Who defaults withholds: as an absent value that would tell, and it may not."""
    hidden = np.arange(200) % 3 == 0
    hidden |= BAD & (np.arange(200) % 2 == 0)

    def card(where_hidden, *, withheld):
        table = features(power_growth=np.where(hidden, where_hidden, -RISK))
        place, flag = table.schema.get_field_index("withheld"), table.schema.field("withheld")
        return learnt(table.set_column(place, flag, [hidden & withheld]))

    silent = {c.measure: c for c in card(np.nan, withheld=True).characteristics}
    absent = {c.measure: c for c in card(np.nan, withheld=False).characteristics}
    assert absent["power_growth"].points[-1] < 0
    assert silent["power_growth"].points[-1] == 0
    assert card(5.0, withheld=True) == card(np.nan, withheld=True)


def test_the_mean_probability_is_that_of_the_sample_or_of_the_prior():
    sampled = learnt(TELLING)
    corrected = learnt(TELLING, prior="3%")
    assert abs(mean_pd(sampled) - BAD.mean()) < 0.01
    # The correction moves all log odds alike, so it meets the prior of the average firm.
    assert 0.03 < mean_pd(corrected) < 0.06
    assert [c.points for c in corrected.characteristics] == [
        c.points for c in sampled.characteristics
    ]


def mean_pd(card):
    rules = build("rule", {"rule_id": ["x"], "kind": [card.kind()], "toml": [card.to_toml()]})
    return np.mean(score(TELLING, rules, as_of=DAY)["score"]["pd"].to_numpy()) / 1e6


def loans(*rows):
    """Rows of (party, start, months)."""
    n = len(rows)
    return build("loan", {
        "loan_id": [f"L{i}" for i in range(n)], "party_id": [r[0] for r in rows],
        "lender_id": ["B"] * n, "amount": [100] * n, "start": [r[1] for r in rows],
        "term_months": [r[2] for r in rows], "status": ["current"] * n,
    })  # fmt: skip


def defaults(*rows):
    return build("event", {
        "event_id": [str(i) for i in range(len(rows))], "party_id": [r[0] for r in rows],
        "kind": ["default"] * len(rows), "at": [r[1] for r in rows],
    })  # fmt: skip


def test_outcomes_of_running_loans():
    sound, bad = FIRMS[:150], FIRMS[150:190]
    loan = loans(
        *((f, date(2023, 6, 30), 12) for f in sound + bad),
        (FIRMS[190], date(2024, 1, 1), 12),  # not yet lent
        (FIRMS[191], date(2022, 12, 31), 12),  # run out: month 12 has begun
        (FIRMS[192], date(2023, 6, 30), 12),
    )
    event = defaults(
        *((f, date(2024, 12, 31)) for f in bad),
        (sound[0], date(2025, 1, 1)),  # after the horizon
        (FIRMS[192], DAY),  # has defaulted already
    )
    values = np.where(np.arange(200) >= 150, -1.0, 1.0) + np.linspace(0, 0.5, 200)
    values[[0, 150]] = values[[150, 0]]
    card = learnt(features(power_growth=values), empty("signal"), event, loan)
    assert (card.rows, card.bads) == (190, 40)


LENT = loans(*((f, date(2023, 6, 30), 12) for f in FIRMS))
DEFAULTED = defaults(*((f, date(2024, 5, 1)) for f, b in zip(FIRMS, BAD, strict=True) if b))


def test_a_report_about_one_firm_leaves_the_loans_of_the_others():
    """What a bank says of a firm goes before its loans, and says nothing of other firms."""
    (sound,) = np.flatnonzero(~BAD)[:1]
    told_of = build("signal", {
        "party_id": [FIRMS[sound]], "source": ["bank"], "measure": ["default"],
        "period": ["2024"], "value": [1.0],
    })  # fmt: skip
    card = learnt(TELLING, told_of, DEFAULTED, LENT)
    assert (card.rows, card.bads) == (200, BAD.sum() + 1)


@pytest.mark.parametrize(
    ("seen", "counts"),
    [(None, True), (DAY, False), (date(2024, 1, 1), True), (date(2024, 12, 31), True),
     (date(2025, 1, 1), False)],
)  # fmt: skip
def test_a_report_counts_if_it_was_seen_within_the_horizon(seen, counts):
    signal = told(~BAD).drop_columns("seen_at")
    signal = build("signal", {**dict(zip(signal.column_names, signal.columns, strict=True)),
                              "seen_at": [seen] * len(BAD)})  # fmt: skip
    card = learnt(features(mine=-RISK), signal, DEFAULTED, LENT)
    assert card.bads == ((~BAD).sum() if counts else BAD.sum())


def test_a_loan_of_the_very_day_teaches_nothing():
    signal, today = told(BAD[:100]), loans(*((f, DAY, 12) for f in FIRMS))
    assert learnt(TELLING, signal, loan=today).rows == 100


def test_the_grade_of_a_bank_is_no_outcome():
    with pytest.raises(DataError, match="of 0 firms"):
        learnt(TELLING, told(measure="grade"))


@pytest.mark.parametrize(
    ("bad", "message"),
    [(np.zeros(200), "0 defaulted"), (np.ones(200), "200 defaulted"), (np.arange(200), "is 2.0")],
)
def test_outcomes_that_teach_nothing_are_refused(bad, message):
    with pytest.raises(DataError, match=message):
        learnt(TELLING, told(bad))


def test_features_of_another_day_are_not_used():
    with pytest.raises(DataError, match="of 0 firms with features on 2024-01-01"):
        learnt(TELLING, as_of=date(2024, 1, 1))


def test_a_prior_is_a_rate():
    for prior in ("0%", "100%"):
        with pytest.raises(UsageError, match="default rate"):
            FitRule.make(as_of=DAY, prior=prior)


def test_order_and_parts_change_nothing():
    given = {
        "feature": features(power_growth=-RISK, sales_growth=-np.roll(RISK, 1), mine=RISK**2),
        "signal": told(),
    }
    check_step(fit, given, FitRule(as_of=DAY, repeats=2))


def test_which_scorecard_is_used():
    early, late = (
        learnt(TELLING).changed(valid_from=d) for d in (date(2023, 1, 1), date(2023, 6, 1))
    )
    future = early.changed(valid_from=date(2024, 1, 1))
    rules = cards(early, late, future)
    assert used(rules) == {late.id}
    assert used(rules, scorecard=early.id) == {early.id}
    with pytest.raises(UsageError, match="no scorecard x"):
        used(rules, scorecard="x")
    with pytest.raises(UsageError, match="2 scorecards"):
        used(cards(late, late.changed(base=1)))
    with pytest.raises(UsageError, match="0 scorecards"):
        used(cards(future))


def cards(*found):
    return build("rule", {
        "rule_id": [c.id for c in found], "kind": ["Scorecard"] * len(found),
        "toml": [c.to_toml() for c in found],
    })  # fmt: skip


def used(rules, **rule):
    return set(score(TELLING, rules, as_of=DAY, **rule)["score"]["rule_id"].to_pylist())


def test_a_master_scale_covers_everything():
    for grades in (
        {"A": "5%"}, {}, {"A": "100%", "B": "100%"}, {"A": "-5%", "B": "100%"},
    ):  # fmt: skip
        with pytest.raises(UsageError, match="bounds"):
            score(TELLING, cards(learnt(TELLING)), as_of=DAY, grades=grades)


def test_a_score_without_features_of_the_day_is_refused():
    for nothing in (empty("feature"), TELLING):
        with pytest.raises(DataError, match=r"2024-06-30.*Run assess\.features first"):
            score(nothing, empty("rule"), as_of=date(2024, 6, 30))
