"""Certificates: what is checked anew holds, and whatever is changed is found."""

import ast
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from liandong.errors import ConflictingLimitsError
from liandong.match import AllocateRule, Group, Limit, allocate
from liandong.match.allocation import claims, verify
from liandong.match.allocation.certificate import conflict, prices_of, rule_of
from liandong.match.allocation.claims import seal
from liandong.match.allocation.pool import pool
from liandong.match.core.problem import bound, slack
from liandong.schema.arrow import empty
from liandong.types import Money, Rate
from support.lending import DAY, WAN, products, quotes
from support.pools import allocated, pool_of

SEEDS = range(6)
NO_OFFERS = empty("offer")
MADE = {seed: allocated(seed, equal=2) for seed in SEEDS}


def checked(said, tables):
    return verify.verify(said, tables["quote"], tables["product"], tables["offer"])


def codes(verdict):
    return {f.code.removeprefix("broken.") for f in verdict.faults}


def sealed(said):
    return {**said, "seal": seal(said)}


def changed(table, row, field, value):
    """Return a table with one value changed."""
    at = table.schema.get_field_index(field)
    column = table[field].to_pylist()
    column[row] = value
    return table.set_column(at, table.schema.field(field), pa.array(column, table[field].type))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_found_holds_whatever_the_order_of_rows(seed):
    tables, _, said = MADE[seed]
    verdict = checked(said, tables)
    assert verdict.faults == []
    total = tables["allocation"].to_pylist()[0]
    assert verdict.value == total["value"] == sum(tables["offer"]["value"].to_pylist())
    assert (verdict.used, verdict.offers) == (total["used"], said["counts"]["offers"])
    assert verdict.value <= verdict.bound <= total["price_bound"] == said["bound"]
    random = np.random.default_rng(seed)
    mixed = {n: t.take(pa.array(random.permutation(len(t)))) for n, t in tables.items()}
    assert checked(said, mixed) == verdict


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gap_is_idle_money_slack_and_regret_to_the_fen(seed):
    tables, rule, said = MADE[seed]
    r = tables["allocation"].to_pylist()[0]
    assert r["price_bound"] - r["value"] == r["idle"] + r["slack"] + r["regret"]
    assert min(r["idle"], r["slack"], r["regret"]) >= 0
    # The same from the definitions, in fractions.
    given = pool(tables["quote"], tables["product"], rule)
    problem, prices = given.problem, prices_of(said, given)
    paid = {(o["project_id"], o["product_id"]): o["amount"] for o in tables["offer"].to_pylist()}
    keys = zip(*(given.arcs[n].to_pylist() for n in ("project_id", "product_id")), strict=True)
    amount = np.array([paid.get(k, 0) for k in keys])
    arc = np.flatnonzero(amount)
    used = np.bincount(problem.product, amount, len(problem.capacity)).astype(int)
    left = zip(prices.product.tolist(), (problem.capacity - used).tolist(), strict=True)
    idle = sum(Fraction(p * x, 10**8) for p, x in left)
    spare = [Fraction(p * slack(problem, s, arc, amount[arc]), 10**14)
             for p, s in zip(prices.side.tolist(), problem.sides, strict=True)]  # fmt: skip
    assert abs(r["idle"] - idle - spare[0]) < 2
    assert abs(r["slack"] - sum(spare[1:])) < len(spare) + 1


def test_the_check_knows_nothing_of_what_it_checks():
    for module in (verify, claims):
        tree = ast.parse(Path(module.__file__).read_text("utf-8"))
        names = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        names |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        ours = {n for n in names if n.startswith("liandong")}
        assert ours <= {"liandong.texts", "liandong.match.allocation.claims"}
        assert not {"numpy", "numba", "highspy"} & {n.split(".")[0] for n in names}
        assert not any(isinstance(n, ast.Div) for n in ast.walk(tree)), "whole numbers only"


def test_the_rule_comes_back_from_the_certificate():
    for seed in SEEDS:
        _, rule, said = MADE[seed]
        assert rule_of(said).all_limits == rule.all_limits
        assert (rule_of(said).budget, rule_of(said).salt) == (rule.budget, rule.salt)


FIELDS = {
    "limit": lambda v, d: (v or 0) + d * WAN, "value_rate": lambda v, d: (v or 0) + d,
    "rate": lambda v, d: (v or 0) + d, "eligible": lambda v, _: not v,
    "micro": lambda v, _: not v, "product_id": lambda v, _: f"{v}0",
    "project_id": lambda v, _: f"{v}x",
}  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(SEEDS), st.sampled_from(sorted(FIELDS)), st.integers(0, 99),
       st.integers(1, 9))  # fmt: skip
def test_any_change_of_a_quote_that_counts_is_found(seed, field, row, by):
    tables, rule, said = MADE[seed]
    quote = tables["quote"]
    row %= len(quote)
    was = quote.to_pylist()[row]
    counts = was["eligible"] and (was["value_rate"] or 0) > 0
    value = FIELDS[field](was[field], by)
    now = {**was, field: value}
    counts |= now["eligible"] and (now["value_rate"] or 0) > 0
    if field == "micro" and not any(x.of.micro is not None for x in rule.all_limits):
        counts = False  # no limit asks, so nothing depends on it
    verdict = checked(said, {**tables, "quote": changed(quote, row, field, value)})
    assert bool(verdict.faults) == bool(counts), (was, now)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 99), st.sampled_from(["amount", "value", "rate"]),
       st.integers(1, 10**7), st.booleans())  # fmt: skip
def test_any_change_of_an_offer_of_money_is_found_and_named(seed, row, field, by, down):
    tables, _, said = MADE[seed]
    offers = tables["offer"].to_pylist()
    paid = [k for k, o in enumerate(offers) if o["amount"]]
    if not paid:
        return
    row = paid[row % len(paid)]
    value = max(offers[row][field] + (-by if down else by), 0)
    if value == offers[row][field]:
        return
    verdict = checked(said, {**tables, "offer": changed(tables["offer"], row, field, value)})
    assert verdict.faults
    if field != "amount":
        name = f"offer {offers[row]['project_id']} {offers[row]['product_id']}"
        assert [f.where for f in verdict.faults] == [name]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 9), st.integers(-5, 5).filter(bool))
def test_any_change_of_a_capacity_is_found(seed, row, by):
    tables, _, said = MADE[seed]
    row %= len(tables["product"])
    was = tables["product"]["capacity"][row].as_py()
    product = changed(tables["product"], row, "capacity", max(was + by * WAN, 0))
    assert "differs" in codes(checked(said, {**tables, "product": product}))


CLAIMS = st.sampled_from(["budget", "value", "bound", "data", "offers", "order", "salt", "as_of"])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SEEDS), CLAIMS, st.integers(1, 10**9), st.booleans())
def test_any_change_of_the_certificate_is_found_even_if_sealed_anew(seed, field, by, down):
    tables, _, said = MADE[seed]
    was = said[field]
    now = was + (-by if down else by) if isinstance(was, int) else f"{was}{by}"
    # A higher bound than what is proved is true as well, and claims less.
    assume(field != "bound" or now < checked(said, tables).bound)
    assert "differs" in codes(checked({**said, field: now}, tables))  # the seal
    assert checked(sealed({**said, field: now}), tables).faults


def test_a_bound_that_the_prices_do_not_prove_is_found_if_it_claims_less_too():
    for tables, _, said in MADE.values():
        assert codes(checked(sealed({**said, "bound": 2 * said["bound"]}), tables)) == {"bound"}


def test_equals_served_out_of_order_are_found():
    found = 0
    for tables, _, said in MADE.values():
        offer = tables["offer"]
        got = {(o["project_id"]): (o["amount"], o["value"]) for o in offer.to_pylist()}
        for one, other in (("E0", "E1"), ("E1", "E2"), ("E0", "E2")):
            if got.get(one) == got.get(other):
                continue
            found += 1
            turned = {one: other, other: one}
            ids = [turned.get(p, p) for p in offer["project_id"].to_pylist()]
            mixed = offer.set_column(
                offer.schema.get_field_index("project_id"), "project_id", [ids]
            )
            assert "order" in codes(checked(said, {**tables, "offer": mixed}))
    assert found


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_prices_come_from_anywhere_and_prove_a_valid_bound(seed, data):
    tables, rule, said = MADE[seed]
    given_ = pool(tables["quote"], tables["product"], rule)
    draw = st.integers(0, 5_000_000)
    prices = {
        "product": {p: data.draw(draw) for p in tables["product"]["product_id"].to_pylist()},
        "side": {s.name: data.draw(draw) for s in given_.problem.sides},
    }
    other = {**said, "prices": prices}
    other["bound"] = bound(given_.problem, prices_of(other, given_))
    verdict = checked(sealed(other), tables)
    assert verdict.faults == []
    assert verdict.bound >= tables["allocation"]["value"][0].as_py()
    # Claiming a lower bound than the prices prove is found; so are prices below 0, and texts.
    assert "bound" in codes(checked(sealed({**other, "bound": verdict.bound - 1}), tables))
    for price in (-1, 0.5, "1", None, True):
        wrong = {**prices, "side": {**prices["side"], "budget": price}}
        assert "unreadable" in codes(checked(sealed({**other, "prices": wrong}), tables))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_any_change_of_a_limit_is_found(seed, data):
    tables, _, said = MADE[seed]
    if not said["limits"]:
        return
    limits = json.loads(json.dumps(said["limits"]))
    one = data.draw(st.sampled_from(limits))
    what = data.draw(st.sampled_from(["at", "bound", "of", "name"]))
    one[what] = {
        "at": one["at"] + 1, "name": one["name"] + "x",
        "of": {"micro": False, "regions": ["9"]},
        "bound": "most" if one["bound"] != "most" else "least",
    }[what]  # fmt: skip
    assert checked(sealed({**said, "limits": limits}), tables).faults


@pytest.mark.parametrize("lost", ["prices", "limits", "as_of", "data", "together", "budget"])
def test_a_file_with_something_missing_is_unreadable_and_no_crash(lost):
    tables, _, said = MADE[0]
    part = sealed({k: v for k, v in said.items() if k != lost})
    verdict = checked(part, tables)
    assert "unreadable" in codes(verdict)
    assert all(f.text("zh") and f.text("en") for f in verdict.faults)
    assert "format" in codes(checked({**said, "format": 2}, tables))


def test_every_limit_is_held_in_fen():
    # One fen less of a cap, or more of a floor, than was used; the hash differs too, of course.
    row = {"expected_loss": 20_000, "subsidy": 10_000}
    quote = quotes(E=row, F={**row, "micro": False})
    product = products(P={"guarantee_cover": 500_000, "guarantor_id": "G"})
    got = allocate(quote, product, as_of=DAY, budget=Money(200 * WAN), micro_share="50%")
    said = json.loads(got["allocation"]["certificate"][0].as_py())
    tables = {"quote": quote, "product": product, **got}
    used = {"amount": 200 * WAN, "expected_loss": 4 * WAN, "subsidy": 2 * WAN,
            "guaranteed": 100 * WAN}  # fmt: skip
    for measure, fen in used.items():
        for kind, by in (("most", -1), ("least", 1), ("most", 0), ("least", 0)):
            limit = {"name": "x", "measure": measure, "of": {}, "bound": kind, "at": fen + by}
            verdict = checked(sealed({**said, "limits": [limit]}), tables)
            assert ("limit" in codes(verdict)) == bool(by), (measure, kind, by)
    assert "budget" in codes(checked(sealed({**said, "budget": 200 * WAN - 1}), tables))
    small = changed(product, 0, "capacity", 200 * WAN - 1)
    assert "capacity" in codes(checked(said, {**tables, "product": small}))


@pytest.mark.parametrize(
    ("limits", "names"),
    [
        # A group that can take 100 at most cannot be given 150; and shares above all there is.
        ((Limit(name="much", of=Group(micro=True), least=Money(150 * WAN)),), ["much"]),
        ((Limit(name="micro", of=Group(micro=True), least_share=Rate(700_000)),
          Limit(name="north", of=Group(regions=("11",)), least_share=Rate(400_000))),
         ["micro", "north"]),
    ],
)  # fmt: skip
def test_a_conflict_of_limits_is_proved_and_the_proof_is_checked(limits, names):
    quote = quotes(E={"region_id": "440000"}, F={"micro": False, "region_id": "110000"})
    tables = {"quote": quote, "product": products(P={}), "offer": NO_OFFERS}
    rule = AllocateRule(as_of=DAY, budget=Money(1_000 * WAN), limits=limits, micro_share=Rate(0))
    with pytest.raises(ConflictingLimitsError):
        allocate(quote, products(P={}), rule=rule)
    proof = conflict(quote, products(P={}), rule)
    assert proof["sides"] == names
    assert checked(proof, tables).faults == []
    # With a price or a limit less, nothing is proved.
    free = {**proof["prices"], "side": {names[0]: 0}}
    assert "no_conflict" in codes(checked(sealed({**proof, "prices": free}), tables))
    eased = [{**proof["limits"][0], "at": 100_000}, *proof["limits"][1:]]
    assert "no_conflict" in codes(checked(sealed({**proof, "limits": eased}), tables))
    fine = rule.changed(limits=())
    assert conflict(quote, products(P={}), fine) is None


def test_a_pool_without_arcs_has_a_certificate_too():
    quote, product, rule = pool_of(1)
    none = quote
    for row in range(len(quote)):
        none = changed(none, row, "eligible", False)
    got = allocate(none, product, rule=rule.changed(limits=(), micro_share=Rate(0)))
    said = json.loads(got["allocation"]["certificate"][0].as_py())
    assert checked(said, {"quote": none, "product": product, **got}).faults == []
