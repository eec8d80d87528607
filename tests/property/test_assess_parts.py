"""Features and scores do not depend on how their input is cut or ordered."""

from datetime import UTC, date, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.assess import Characteristic, FeatureRule, Scorecard, ScoreRule, features, score
from liandong.assess.measures.catalogue import MEASURES
from liandong.schema.arrow import build
from liandong.step.local import run_step
from liandong.testing import check_step, tables

DAY = date(2023, 12, 31)
IDS = st.sampled_from([f"F{i}" for i in range(6)])
INVOICES = tables(
    "invoice",
    60,
    seller=IDS,
    buyer=IDS,
    date=st.dates(date(2021, 6, 1), date(2024, 2, 1)),
    net=st.integers(-(10**14), 10**14),
    tax=st.integers(0, 10**12),
)
SIGNALS = tables(
    "signal",
    30,
    party_id=IDS,
    source=st.just("tax"),
    measure=st.sampled_from(
        ["declared_sales", "kwh", "insured", "patents", "cases_amount", "tax_paid", "exports"]
    ),
    period=st.sampled_from(["2023-05", "2022-05", "2023-12", "2023Q1", "2023"]),
)
PARTY = build("party", {"party_id": [f"F{i}" for i in range(5)], "kind": ["firm"] * 5})
ACCOUNTS = st.sampled_from([f"A{i}" for i in range(6)])
FLOWS = tables(
    "flow",
    40,
    src_account=ACCOUNTS,
    dst_account=ACCOUNTS,
    amount=st.integers(-(10**12), 10**12),
    at=st.datetimes(datetime(2021, 6, 1), datetime(2024, 2, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
BOOKS = build(
    "bank_account",
    {
        "account_id": [f"A{i}" for i in range(6)],
        "party_id": ["F0", "F1", "F2", "F0", "P", "F9"],
        "kind": ["current", "current", "deposit", "securities", "current", "current"],
        "opening_balance": [10**9] * 6,
    },
)
EVENTS = tables("event", 8, party_id=IDS, at=st.dates(date(2021, 6, 1), date(2024, 2, 1)))
EDGES = tables(
    "edge",
    12,
    src=st.sampled_from(["P", "F0", "F1"]),
    dst=IDS,
    valid_from=st.dates(date(2021, 6, 1), date(2024, 2, 1)),
    valid_to=st.none(),
)
CONSENTS = tables(
    "consent",
    6,
    party_id=IDS,
    dataset=st.sampled_from(["*", "invoice", "bank", "tax"]),
    purpose=st.sampled_from(["credit", "research"]),
    until=st.none() | st.dates(date(2023, 12, 1), date(2024, 2, 1)),
)


@settings(max_examples=15, deadline=None)
@given(INVOICES, SIGNALS, FLOWS, EVENTS, EDGES, CONSENTS)
def test_features_hold_the_conventions(invoice, signal, flow, event, edge, consent):
    given_tables = {
        "invoice": invoice, "signal": signal, "party": PARTY, "flow": flow, "bank_account": BOOKS,
        "event": event, "edge": edge, "consent": consent,
    }  # fmt: skip
    check_step(features, given_tables, FeatureRule(as_of=DAY))


def by_hand(invoice, firm, side):
    """Sum the net amounts of a firm's last 12 calendar months by partner, row by row."""
    other = "buyer" if side == "seller" else "seller"
    found = {}
    for row in invoice.to_pylist():
        if row[side] == firm and row["status"] != "void" and row["date"].year == DAY.year:
            found[row[other]] = found.get(row[other], 0) + row["net"]
    return found


@settings(max_examples=60, deadline=None)
@given(INVOICES, st.sampled_from([1, 2, 7]))
def test_sales_and_partners_equal_sums_by_hand(invoice, parts):
    given_tables = {"invoice": invoice, "party": PARTY}
    got = run_step(features, given_tables, FeatureRule(as_of=DAY), parts)["feature"]
    value = {(r["party_id"], r["measure"]): r["value"] for r in got.to_pylist()}
    for firm in PARTY["party_id"].to_pylist():
        seen = any(
            firm in {r["seller"], r["buyer"]} and r["date"] <= DAY for r in invoice.to_pylist()
        )
        for side, total, who in (
            ("seller", "sales_12m", "buyers"),
            ("buyer", "purchases_12m", "suppliers"),
        ):
            sums = by_hand(invoice, firm, side)
            expected = max(sum(sums.values()), 0) / 100, sum(s > 0 for s in sums.values())
            assert (value[firm, total], value[firm, who]) == (expected if seen else (None, None))


FEATURES = tables(
    "feature",
    40,
    party_id=IDS,
    as_of=st.just(DAY),
    measure=st.sampled_from([m.name for m in MEASURES[:4]]),
    value=st.none() | st.floats(-10, 10),
)


@st.composite
def scorecards(draw):
    """Return a scorecard over some of the measures."""
    chosen = draw(st.lists(st.sampled_from(MEASURES[:5]), min_size=1, max_size=4, unique=True))
    found = []
    for m in chosen:
        edges = sorted(draw(st.sets(st.floats(-9, 9), max_size=3)))
        points = draw(
            st.lists(st.integers(-60, 60), min_size=len(edges) + 2, max_size=len(edges) + 2)
        )
        found.append(
            Characteristic(
                measure=m.name,
                trend="none",
                edges=edges,
                woe=[0.0] * len(points),
                points=points,
                iv=0.1,
                coefficient=1.0,
            )
        )
    return Scorecard(
        valid_from=DAY, base=draw(st.integers(300, 700)), characteristics=found, rows=9, bads=3,
        auc=0.5, auc_low=0.4, auc_high=0.6,
    )  # fmt: skip


def rules(*cards):
    return build("rule", {
        "rule_id": [c.id for c in cards], "kind": [c.kind() for c in cards],
        "toml": [c.to_toml() for c in cards], "valid_from": [c.valid_from for c in cards],
    })  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(FEATURES.filter(len), scorecards())
def test_points_are_the_base_and_the_reasons(feature, card):
    rows = score(feature, rules(card), as_of=DAY)["score"].to_pylist()
    assert {r["party_id"] for r in rows} == set(feature["party_id"].to_pylist())
    for row in rows:
        points = [r["points"] for r in row["reasons"]]
        assert row["points"] == card.base + sum(points)
        assert [abs(p) for p in points] == sorted((abs(p) for p in points), reverse=True)
        assert len(points) == len(card.characteristics)
    ordered = sorted(rows, key=lambda r: r["points"])
    assert [r["pd"] for r in ordered] == sorted((r["pd"] for r in rows), reverse=True)
    assert [r["grade"] for r in ordered] == sorted((r["grade"] for r in rows), reverse=True)


@settings(max_examples=15, deadline=None)
@given(FEATURES.filter(len), scorecards())
def test_scores_hold_the_conventions(feature, card):
    check_step(score, {"feature": feature, "rule": rules(card)}, ScoreRule(as_of=DAY))


@settings(max_examples=60, deadline=None)
@given(scorecards(), st.lists(st.none() | st.floats(-10, 10), min_size=1, max_size=9))
def test_a_scorecard_survives_toml_and_places_values_as_its_edges_say(card, values):
    assert Scorecard.from_toml(card.to_toml()) == card
    column = np.array([np.nan if v is None else v for v in values])
    for c in card.characteristics:
        earned = c.earned(column).tolist()
        for value, points in zip(values, earned, strict=True):
            place = len(c.edges) + 1 if value is None else sum(e < value for e in c.edges)
            assert points == c.points[place]
