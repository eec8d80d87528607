"""Explanations: known answers by hand, the smallest change against all there are, bad input."""

from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong import assess
from liandong.assess.card.scorecard import Scaling
from liandong.assess.measures.catalogue import MEASURES
from liandong.assess.reasons.means import means
from liandong.assess.reasons.order import adverse
from liandong.assess.reasons.scored import least_points
from liandong.errors import DataError, UsageError
from liandong.schema.arrow import build
from liandong.step.reasons import reason_text
from liandong.testing import check_step
from support.cards import CARD, DAY, FIRMS, PAIR, card, feature, rules

GRADES = {"A": 50_000, "B": 120_000, "C": 300_000, "D": 1_000_000}
UP = ("sales_growth", "tax_growth", "staff_growth", "buyers")
DOWN, FIXED = ("sales_volatility", "buyer_hhi"), ("cases_share", "sales_history")


def tables(chosen, firms, **options):
    given = {"feature": feature(firms), "rule": rules(chosen)}
    score = assess.score(given["feature"], given["rule"], as_of=DAY, **options)["score"]
    return {**given, "score": score}


def explained(given, **options):
    found = assess.explain(given["feature"], given["score"], given["rule"], as_of=DAY, **options)
    terms = {(r["party_id"], r["measure"]): r for r in found["explanation"].to_pylist()}
    return terms, {r["party_id"]: r for r in found["aim"].to_pylist()}


def test_terms_by_hand():
    terms, _ = explained(tables(CARD, FIRMS))
    e1 = terms["E1", "sales_growth"]
    assert (e1["points"], e1["least"], e1["most"], e1["below"]) == (-20, -20, 15, 35)
    assert (e1["bin"], e1["low"], e1["high"], e1["state"]) == (0, None, 1.0, "known")
    # of those who share it: -20, 0 and -3 (absent)
    assert [terms[f, "sales_growth"]["median"] for f in FIRMS] == [-3.0] * 4
    assert terms["E1", "cases_share"]["median"] == 6.0
    order = [terms["E1", m]["rank"] for m in ("sales_growth", "sales_volatility", PAIR)]
    assert order == [1, 2, 3]
    assert terms["E1", "cases_share"]["rank"] is None
    e3 = terms["E3", "sales_growth"]
    assert (e3["state"], e3["points"], e3["rank"], e3["value"]) == ("withheld", 0, None, None)
    assert terms["E3", PAIR]["state"] == "withheld"
    assert terms["E4", "sales_growth"]["state"] == terms["E4", PAIR]["state"] == "absent"
    assert {terms["E1", m]["category"] for m in (*CARD.measures, PAIR)} == {"invoice", "judicial"}


def test_the_way_to_the_next_grade_by_hand():
    terms, aims = explained(tables(CARD, FIRMS))
    # 540 - 20 - 10 + 6 = 516 points, and C takes 512: B takes 545.
    assert least_points(Scaling(), 120_000) == 545
    e1 = aims["E1"]
    assert (e1["grade"], e1["next"], e1["lacking"], e1["state"]) == ("C", "B", 29, "reachable")
    # Growth alone gains 20 or 35 points: two bins up is enough.
    assert (e1["changes"], e1["moved"], e1["gain"], e1["months"]) == (1, 2, 35, 12)
    assert [(r["code"], r["points"]) for r in e1["reasons"]] == [("reach.up(sales_growth)", 35)]
    moved = terms["E1", "sales_growth"]
    assert (moved["aim_low"], moved["aim_high"], moved["aim_points"]) == (2.0, None, 15)
    assert terms["E1", "sales_volatility"]["aim_points"] is None
    # E3 does not share its growth, so volatility is all it can move: 22 points, and it lacks 9.
    e3 = aims["E3"]
    assert (e3["lacking"], e3["gain"], e3["moved"]) == (9, 12, 1)
    # E4 is out of reach: its best is reached in all that it can move.
    e4 = aims["E4"]
    assert (e4["state"], e4["changes"], e4["gain"]) == ("unreachable", None, 0)
    assert [r["code"] for r in e4["reasons"]] == ["reach.none"]
    for lang in ("zh", "en"):
        assert "{" not in reason_text("reach.up(sales_growth)", 35, lang)


def test_a_pair_moves_with_its_measures():
    firm = {"E1": {"sales_growth": 2.5, "sales_volatility": 1.5, "cases_share": 0.5}}
    terms, aims = explained(tables(CARD, firm))
    # 15 + 2 + 6 = 563; 573 is A. Less volatility gains 10 and the pair 9.
    assert (aims["E1"]["lacking"], aims["E1"]["gain"]) == (10, 19)
    assert terms["E1", PAIR]["aim_points"] == 9
    assert {r["code"] for r in aims["E1"]["reasons"]} == {
        "reach.down(sales_volatility)", f"reach.pair({PAIR})",
    }  # fmt: skip


def test_the_best_grade_needs_nothing():
    best = card({"sales_growth": (0, 90, 0)})
    terms, aims = explained(tables(best, {"E1": {"sales_growth": 5.0}}))
    assert (aims["E1"]["state"], aims["E1"]["next"], aims["E1"]["lacking"]) == ("best", None, 0)
    assert (aims["E1"]["changes"], aims["E1"]["gain"]) == (0, 0)
    assert terms["E1", "sales_growth"]["aim_points"] is None


def test_what_a_lender_fixes_stays():
    given = tables(CARD, FIRMS)
    terms, aims = explained(given, fixed=("sales_growth",))
    assert aims["E1"]["state"] == "unreachable"
    assert terms["E1", "sales_growth"]["change"] == "none"
    assert aims["E1"]["gain"] == 22


def test_scores_of_other_features_or_grades_are_refused():
    given = tables(CARD, FIRMS)
    older = {**FIRMS, "E1": {**FIRMS["E1"], "sales_growth": 2.5}}
    for changed in ({"feature": feature(older)}, {"feature": feature({"E2": FIRMS["E2"]})}):
        with pytest.raises(DataError, match="not those of the present"):
            explained({**given, **changed})
    with pytest.raises(DataError, match="not those of the present"):
        explained(given, grades={"X": "40%", "Y": "100%"})
    strict = {"A": "1%", "Z": "100%"}
    _, aims = explained(tables(CARD, FIRMS, grades=strict), grades=strict)
    assert {a["next"] for a in aims.values()} == {"A"}
    with pytest.raises(UsageError, match="no scorecard"):
        explained({**given, "rule": given["rule"].slice(0, 0)})
    with pytest.raises(DataError, match=r"assess\.score"):
        explained({**given, "score": given["score"].slice(0, 0)})


def test_grades_of_a_master_scale_on_the_board_are_those_of_the_scores():
    scale = assess.MasterScale(grades={"A": "1%", "Z": "100%"})
    kept = {"rule_id": [scale.id], "kind": [scale.kind()], "toml": [scale.to_toml()]}
    rule = pa.concat_tables([rules(CARD), build("rule", kept)])
    score = assess.score(feature(FIRMS), rule, as_of=DAY, scale=scale.id)["score"]
    given = {"feature": feature(FIRMS), "rule": rule, "score": score}
    _, aims = explained(given, scale=scale.id)
    assert {a["next"] for a in aims.values()} == {"A"}


def test_nobody_is_told_to_move_to_a_special_code():
    # The best bin holds the code 9 alone: no firm can become a code.
    coded = CARD.characteristics[0].model_copy(
        update={"edges": (1.0, 8.5, 9.0), "points": (0, 15, 60, 15, -3), "woe": (0.0,) * 5}
    )
    for specials, state in (((9.0,), "unreachable"), ((), "reachable")):
        one = coded.model_copy(update={"specials": specials})
        chosen = CARD.model_copy(update={"characteristics": (one,), "pairs": (), "base": 520})
        _, aims = explained(tables(chosen, {"E1": {"sales_growth": 0.5}}))
        assert (aims["E1"]["lacking"], aims["E1"]["state"]) == (25, state)


def test_one_grade_is_the_best():
    only = {"Z": "100%"}
    _, aims = explained(tables(CARD, FIRMS, grades=only), grades=only)
    assert {a["state"] for a in aims.values()} == {"best"}


def test_the_step_holds_the_conventions(tmp_path):
    given = tables(CARD, FIRMS)
    rule = assess.ExplainRule(as_of=DAY)
    check_step(assess.explain, given, rule, boards=[str(tmp_path / "s.board")])


def test_means_of_all_measures():
    for m in MEASURES:
        found = means(m.name)
        assert found.category == m.category
        assert (found.months is None) == (found.change == "none")
        if found.change != "none":
            assert found.change == {"more": "up", "less": "down", "either": "either"}[m.better]
    assert means("cases_share").change == means("sales_history").change == "none"
    assert means("made_up") == ("other", "none", None)


def made(seed):
    """A random card over measures that go up, down or nowhere, with pairs, and a few firms."""
    random = np.random.default_rng(seed)
    names = [str(n) for n in random.permutation([*UP, *DOWN, *FIXED])[: random.integers(1, 6)]]
    bins = {n: int(random.integers(1, 4)) for n in names}
    measures = {n: random.integers(-25, 26, bins[n] + 1).tolist() for n in names}
    every = [(a, b) for i, a in enumerate(names) for b in names[:i]]
    some = random.permutation(len(every))[: random.integers(0, 5)]
    pairs = [
        (every[i], random.integers(-9, 10, (bins[every[i][0]] + 1, bins[every[i][1]] + 1)).tolist())
        for i in some
    ]
    chosen = card(measures, pairs, base=int(random.integers(500, 580)))
    firms = {
        f"E{i}": {
            n: [float(random.integers(0, bins[n])) + 0.5, None, "no"][
                random.choice(3, p=[0.8, 0.1, 0.1])
            ]
            for n in names
        }
        for i in range(3)
    }
    return chosen, firms


def points_of(chosen, values):
    x = np.array([[np.nan if v in {None, "no"} else v for v in values]])
    hidden = np.array([[v == "no" for v in values]])
    return chosen.base + int(chosen.parts(x, hidden).sum())


def choices(chosen, values):
    """Return where each measure may go: the middles of bins the way that it can be moved."""
    found = []
    for c, v in zip(chosen.characteristics, values, strict=True):
        ways = [v]
        if v not in {None, "no"} and c.measure not in FIXED:
            middles = [i + 0.5 for i in range(c.bins)]
            ways += [m for m in middles if (m > v if c.measure in UP else m < v)]
        found.append(ways)
    return found


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_no_smaller_change_reaches_the_grade(seed):
    chosen, firms = made(seed)
    terms, aims = explained(tables(chosen, firms))
    bounds = {g: least_points(chosen.scaling, b) for g, b in GRADES.items() if b < 1_000_000}
    for firm, own in firms.items():
        now, aim = list(own.values()), aims[firm]
        assert (
            sum(terms[firm, m]["points"] for m in chosen.terms)
            == points_of(chosen, now) - chosen.base
        )
        if aim["state"] == "best":
            continue
        lacking = bounds[aim["next"]] - points_of(chosen, now)
        assert lacking == aim["lacking"] > 0
        costs = []
        most = 0
        for way in product(*choices(chosen, now)):
            gain = points_of(chosen, way) - points_of(chosen, now)
            most = max(most, gain)
            moves = [abs(b - a) for a, b in zip(now, way, strict=True) if a != b]
            costs += [(len(moves), sum(moves), -gain)] if gain >= lacking else []
        if not costs:
            assert (aim["state"], aim["gain"]) == ("unreachable", most)
            continue
        assert (aim["changes"], aim["moved"], -aim["gain"]) == min(costs)
        gained = [
            t["aim_points"] - t["points"]
            for m in chosen.terms if (t := terms[firm, m])["aim_points"] is not None
        ]  # fmt: skip
        assert sum(gained) == aim["gain"] == sum(r["points"] for r in aim["reasons"])


@given(st.lists(st.lists(st.tuples(st.integers(-5, 9), st.booleans()), min_size=4, max_size=4),
                min_size=1, max_size=5))  # fmt: skip
def test_the_order_of_reasons_is_that_of_a_plain_sort(rows):
    below = np.array([[b for b, _ in r] for r in rows])
    counts = np.array([[c for _, c in r] for r in rows])
    rank = adverse(below, counts)
    for row, ranks in zip(rows, rank.tolist(), strict=True):
        lost = [j for j, (b, c) in enumerate(row) if c and b > 0]
        wanted = sorted(lost, key=lambda j: (-row[j][0], j))
        found = sorted((j for j in range(4) if ranks[j]), key=lambda j: ranks[j])
        assert found == wanted


def test_points_decide_the_least_of_a_grade():
    for pdo, bound in product((10, 20, 37), (1, 50_000, 333_333, 999_999)):
        scaling = Scaling(pdo=pdo)
        least = least_points(scaling, bound)
        assert scaling.pd(np.array(least)) < bound <= scaling.pd(np.array(least - 1))


def test_an_empty_card_is_explained():
    nothing = card({})
    given = tables(nothing, {"E1": {"sales_growth": 0.5}})
    _, aims = explained(given)
    assert aims["E1"]["state"] == "unreachable"
    assert isinstance(given["score"], pa.Table)
