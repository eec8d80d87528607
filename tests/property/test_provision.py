"""Provisions: more risk never costs less, a life never less than a year, and no cut or order."""

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.assess import Plan, ProvisionRule, allowance, monthly_loss, provision, risk_weight
from liandong.testing import check_step, tables

DAY = date(2024, 6, 30)
MOMENTS = st.dates(date(2023, 1, 1), date(2024, 12, 31)).map(
    lambda d: datetime(d.year, d.month, d.day, 3, tzinfo=UTC)
)
SHARES = st.floats(0, 1)
PARTIES, LOANS = st.sampled_from(["F1", "F2", "F3"]), st.sampled_from([f"L{i}" for i in range(6)])


@st.composite
def plans(draw):
    rows = draw(st.integers(1, 5))
    return Plan(
        np.array(draw(st.lists(st.integers(1, 10**12), min_size=rows, max_size=rows)), float),
        np.array(draw(st.lists(st.integers(1, 60), min_size=rows, max_size=rows))),
        np.array(draw(st.lists(st.booleans(), min_size=rows, max_size=rows))),
    )


@settings(deadline=None)
@given(plans(), SHARES, SHARES, SHARES, SHARES, st.floats(0, 0.4))
def test_more_risk_never_costs_less(plan, pd, other_pd, lgd, other_lgd, rate):
    rows = len(plan.owed)
    low, high = sorted((pd, other_pd))
    less, more = sorted((lgd, other_lgd))
    held = {}
    for p in (low, high):
        for share in (less, more):
            risk, loss = np.full(rows, p), np.full(rows, share)
            found = monthly_loss(risk, loss, plan, np.full(rows, rate))
            assert (found.life >= found.year).all()
            ladder = [allowance(np.full(rows, s), found, loss, plan.owed) for s in (1, 2, 3)]
            assert (ladder[0] <= ladder[1]).all()
            assert (ladder[1] <= ladder[2] * (1 + 1e-12)).all()
            held[p, share] = ladder[1]
    slack = 1 + 1e-12
    assert (held[low, less] <= held[high, less] * slack).all()
    assert (held[low, less] <= held[low, more] * slack).all()


@settings(deadline=None)
@given(st.lists(st.tuples(SHARES, SHARES, st.floats(0.1, 9), st.floats(0, 90)), min_size=1))
def test_weights_are_never_negative_and_grow_with_the_loss(rows):
    pd, lgd, years, sales = np.array(rows).T
    weight = risk_weight(pd, lgd, years, sales)
    assert (weight >= -1e-12).all()
    assert (weight <= risk_weight(pd, np.ones(len(pd)), years, sales) + 1e-12).all()
    likely = pd <= 0.2  # beyond, a common shock adds little to what is nearly sure
    assert (weight <= risk_weight(pd, lgd, years) + 1e-12)[likely].all()


@settings(max_examples=12, deadline=None)
@given(
    loan=tables(
        "loan", 8, party_id=PARTIES, start=st.dates(date(2023, 1, 1), date(2024, 8, 1)),
        term_months=st.integers(0, 40), product_id=st.none() | st.just("K"),
        amount=st.integers(1, 10**12),
    ),
    score=tables("score", 12, party_id=PARTIES,
                 as_of=st.sampled_from([date(2023, 6, 30), DAY, date(2024, 7, 1)]),
                 pd=st.integers(0, 10**6)),
    event=tables("event", 6, party_id=PARTIES, kind=st.just("default"),
                 at=st.dates(date(2023, 1, 1), date(2024, 12, 31))),
    flow=tables(
        "flow", 12, loan_id=st.none() | LOANS, amount=st.integers(0, 10**12),
        kind=st.sampled_from(["repayment", "interest", "disbursement", "transfer"]),
        at=MOMENTS,
    ),
)  # fmt: skip
def test_the_step_holds_the_conventions_and_its_parts_add_up(loan, score, event, flow):
    # Ids of loans as transfers know them.
    names = pa.array([f"L{i}" for i in range(len(loan))], pa.string())
    loan = loan.set_column(0, loan.schema.field("loan_id"), names)
    reads = {"loan": loan, "score": score, "event": event, "flow": flow}
    check_step(provision, reads, ProvisionRule(as_of=DAY))
    order = [reads.get(n) for n in provision.reads[:4]]
    rows = provision(*order, as_of=DAY)["provision"].to_pylist()
    alone = []
    for r in rows:
        assert r["ecl_year"] <= r["ecl_life"] <= r["ead"]
        assert r["ead"] > 0
        assert r["up"] <= r["base"] <= r["down"] <= r["ead"]
        assert r["provision"] in {r["ecl_year"], r["ecl_life"]}
        own = loan.filter(pc.equal(names, r["loan_id"]))
        alone += provision(own, *order[1:], as_of=DAY)["provision"].to_pylist()
    assert alone == rows
