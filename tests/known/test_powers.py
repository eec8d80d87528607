"""Decisions worked out by hand, one for each kind of limit and conflict, and lists that are bad."""

import json
import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandong.errors import DataError
from liandong.govern.powers import cedar
from liandong.govern.powers.deciding import Index, Request
from liandong.govern.powers.delegating import delegated, need_sound
from liandong.govern.powers.entries import power
from support.need import missing
from support.powers import DAY, Twin, entry, posts, request

BASE = {"power_id": "P1", "holder": "li", "action": "pay"}


def index(*rows, terms=(), **given):
    return Index([power({**BASE, **r}) for r in rows], terms, DAY, **given)


def term(person, post, since=None, until=None):
    return {"post_id": f"{person}-{post}", "person": person, "post": post, "valid_from": since,
            "valid_to": until}  # fmt: skip


def verdict(index, spent=None, **asked):
    return index.decide(Request(**{"actor": "li", "action": "pay", **asked}), spent or {})


@pytest.mark.parametrize(
    ("row", "good", "bad", "why"),
    [
        ({"limit": 500}, {"amount": 500}, {"amount": 501}, "limit"),
        ({"limit": "5 CNY"}, {"amount": 500}, {}, "limit"),
        ({"limit": 500}, {"amount": 0}, {"amount": -1}, "limit"),
        ({"scope": {"region": ["320000"]}}, {"about": {"region": "320507"}},
         {"about": {"region": "330000"}}, "scope"),
        ({"scope": {"department": ["credit"]}}, {"about": {"department": "credit"}}, {}, "scope"),
        ({"conditions": {"level": ["red"]}}, {"about": {"level": "red"}},
         {"about": {"level": "yellow"}}, "conditions"),
        ({"conditions": {"risk": {"least": 1, "most": 3}}}, {"about": {"risk": 3}},
         {"about": {"risk": 4}}, "conditions"),
        ({"conflicts": ["maker"]}, {}, {"done": frozenset({"maker"})}, "conflicts: maker"),
        ({"conflicts": ["settle.disburse"]}, {"done": frozenset({"maker"})},
         {"done": frozenset({"settle.disburse"})}, "conflicts: settle.disburse"),
        ({"evidence": ["contract"]}, {"evidence": {"contract", "photo"}}, {"evidence": {"photo"}},
         "evidence"),
    ],
)  # fmt: skip
def test_each_bound_holds_and_says_so(row, good, bad, why):
    assert verdict(index(row), **good).verdict == "allow"
    refused = verdict(index(row), **bad)
    assert (refused.verdict, refused.failed) == ("deny", (("P1", why),))
    assert refused.missing == ({"contract"} if why == "evidence" else set())


def test_limits_over_time_are_used_up_to_the_last_fen():
    made = index({"period": "month", "period_limit": 1_000, "total_limit": 1_500})
    spent = {}
    asked = [Request("li", "pay", a) for a in (600, 401, 400, 1)]
    found = made.decide_all(asked, spent)
    assert [d.verdict for d in found] == ["allow", "deny", "allow", "deny"]
    assert found[1].failed == (("P1", "period_limit"),)
    assert found[2].counters == (("P1", 600, 600),)
    assert spent == {"P1": (1_000, 1_000)}
    spent["P1"] = (0, 1_000)  # another month
    assert made.decide(Request("li", "pay", 501), spent).failed == (("P1", "total_limit"),)
    assert made.decide(Request("li", "pay", 500), spent).verdict == "allow"


def test_what_is_handed_on_counts_for_its_source_too():
    source = power({**BASE, "holder": "wang", "total_limit": 1_000, "delegate_days": 10})
    child = delegated(source, "wang", "li", DAY, DAY, total_limit=800)
    made, spent = Index([source, child], (), DAY), {}
    asked = [Request(who, "pay", a) for who, a in (("li", 700), ("wang", 400), ("wang", 300))]
    assert [d.verdict for d in made.decide_all(asked, spent)] == ["allow", "deny", "allow"]
    assert made.decide(Request("li", "pay", 1), spent).verdict == "deny"


def test_others_agree_but_not_oneself_nor_who_handed_it_on():
    rows = {"approvals": {"n": 2, "of": "role:board"}, "delegate_days": 5}
    terms = [term(p, "role:board") for p in ("li", "wang", "zhao", "qian")]
    made = index(rows, terms=terms)
    for approved, more in (((), 2), (("li",), 2), (("wang", "wang"), 1), (("stranger",), 2)):
        found = verdict(made, approved=approved)
        assert (found.verdict, found.more, found.power.power_id) == ("needs", more, "P1")
    assert verdict(made, approved=("wang", "zhao")).verdict == "allow"
    source = power({**BASE, **rows})
    made = Index([source, delegated(source, "li", "sun", DAY, DAY)], terms, DAY)
    asked = Request("sun", "pay", approved=("li", "wang"))
    assert made.decide(asked, {}).more == 1


def test_nobody_listed_is_everybody_but_a_lapsed_list_is_nobody():
    assert verdict(index(), action="pay").verdict == "allow"
    lapsed = index({"valid_to": date(2026, 3, 1)})
    assert verdict(lapsed).failed == (("P1", "valid_to"),)
    assert verdict(lapsed, actor="wang").verdict == "deny"
    assert verdict(lapsed, action="other").verdict == "allow"
    assert verdict(index({"valid_from": date(2026, 3, 3)})).verdict == "deny"
    assert verdict(index({"valid_from": DAY, "valid_to": DAY})).verdict == "allow"
    assert verdict(index({}, gone={"P1"})).verdict == "deny"


def test_glass_has_to_be_broken():
    assert verdict(index({"glass_hours": 4})).verdict == "deny"
    assert verdict(index({"glass_hours": 4}, opened={("P1", "wang")})).verdict == "deny"
    assert verdict(index({"glass_hours": 4}, opened={("P1", "li")})).verdict == "allow"


def test_what_is_handed_on_ends_with_the_term_of_who_did_it():
    source = power({**BASE, "holder": "post:chief", "delegate_days": 30})
    child = delegated(source, "wang", "li", DAY, date(2026, 3, 20))
    for until, wanted in ((date(2026, 3, 2), "allow"), (date(2026, 3, 1), "deny")):
        made = Index([source, child], [term("wang", "post:chief", None, until)], DAY)
        assert verdict(made).verdict == wanted
    assert verdict(Index([source, child], [term("wang", "post:chief")], DAY, gone={"P1"})) == (
        "deny", None, 0, frozenset(), ((child.power_id, "valid_to"),), (),
    )  # fmt: skip


SOURCE = power({
    **BASE, "holder": "wang", "limit": 500, "period": "day", "period_limit": 900,
    "total_limit": 5_000, "scope": {"region": ["320000", "330000"]},
    "conditions": {"risk": {"most": 3}}, "conflicts": ["maker"], "evidence": ["contract"],
    "approvals": {"n": 2, "of": "role:x"}, "never_with": ["audit"], "delegate_days": 10,
    "valid_from": DAY, "valid_to": date(2026, 3, 8),
})  # fmt: skip
NARROW = delegated(SOURCE, "wang", "li", DAY, date(2026, 3, 8))


@pytest.mark.parametrize(
    "wide",
    [
        {"action": "close"}, {"holder": "wang"}, {"holder": "*"}, {"holder": "role:x"},
        {"limit": 501}, {"limit": None}, {"period_limit": 901}, {"period": "month"},
        {"total_limit": None}, {"scope": ()}, {"scope": (("region", ("310000",)),)},
        {"conditions": ()}, {"conflicts": frozenset()}, {"evidence": frozenset({"photo"})},
        {"approvals": 1}, {"approvers": "*"}, {"never_with": frozenset()},
        {"valid_to": None}, {"valid_to": date(2026, 3, 9)}, {"valid_from": date(2026, 3, 1)},
        {"delegate_days": 1}, {"source": "gone"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wider_than_its_source_is_refused_by_name(wide):
    need_sound([SOURCE, NARROW], [])
    child = replace(NARROW, **wide)
    with pytest.raises(DataError) as caught:
        need_sound([SOURCE, child], [])
    (field,) = wide
    field = "approvals" if field == "approvers" else "period_limit" if field == "period" else field
    for lang in ("zh", "en"):
        assert child.power_id in caught.value.text(lang)
        assert field in caught.value.text(lang) or field == "source"


def test_handing_on_is_not_onward_nor_longer_than_allowed():
    short = replace(SOURCE, delegate_days=3)
    need_sound([short, replace(NARROW, valid_to=date(2026, 3, 4))], [])
    with pytest.raises(DataError, match="valid_to"):
        need_sound([short, replace(NARROW, valid_to=date(2026, 3, 5))], [])
    onward = replace(NARROW, power_id="P3", source=NARROW.power_id, delegator="li", holder="sun")
    with pytest.raises(DataError, match="P3"):
        need_sound([SOURCE, NARROW, onward], [])
    with pytest.raises(DataError, match="delegate_days"):
        need_sound([replace(SOURCE, delegate_days=None), NARROW], [])


def test_powers_never_held_together():
    pay = power({**BASE, "holder": "role:payer", "never_with": ["check"]})
    check = power({"power_id": "P2", "holder": "li", "action": "check"})
    need_sound([pay, check], [term("wang", "role:payer")])
    with pytest.raises(DataError, match="li would hold"):
        need_sound([pay, check], [term("li", "role:payer")])
    ended = term("li", "role:payer", None, DAY)
    need_sound([pay, replace(check, valid_from=date(2026, 3, 3))], [ended])
    with pytest.raises(DataError, match=r"P1, P2|P2, P1"):
        need_sound([pay, replace(check, holder="*")], [ended])


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"limits": 5}, "limits"), ({"limit": "much"}, "limit"), ({"limit": -1}, "limit"),
        ({"limit": 1.5}, "limit"), ({"holder": ""}, "holder"),
        ({"scope": {"colour": ["x"]}}, "scope"),
        ({"scope": {"region": []}}, "scope"), ({"period": "week", "period_limit": 1}, "period"),
        ({"period": "day"}, "period"), ({"approvals": {"n": 0}}, "approvals"),
        ({"approvals": {"n": 1, "of": "li"}}, "approvals"), ({"approvals": {"m": 1}}, "approvals"),
        ({"conditions": {"risk": {"below": 3}}}, "conditions"), ({"evidence": [3]}, "evidence"),
        ({"valid_to": "soon"}, "valid_to"), ({"never_with": ["pay"]}, "never_with"),
        ({"glass_hours": True}, "glass_hours"), ({"source": "P0"}, "source"),
        ({"valid_from": "2026-03-02", "valid_to": "2026-03-01"}, "valid_to"),
    ],
    ids=str,
)  # fmt: skip
def test_entries_that_make_no_sense_are_named(row, field):
    with pytest.raises(DataError) as caught:
        power({**BASE, **row})
    for lang in ("zh", "en"):
        assert "P1" in caught.value.text(lang)
        assert field in caught.value.text(lang)


@given(st.integers(0, 2**32))
def test_entries_survive_their_rows(seed):
    rng = random.Random(seed)
    made = entry(rng, 1)
    assert power(made.row()) == made


@given(st.integers(0, 2**32))
def test_the_index_decides_as_the_plain_twin(seed):
    rng = random.Random(seed)
    entries, terms = [entry(rng, k) for k in range(rng.randrange(1, 12))], posts(rng)
    made, twin, spent = Index(entries, terms, DAY), Twin(entries, terms, DAY), {}
    for _ in range(30):
        asked = request(rng)
        (found,) = made.decide_all([asked], spent)
        name = found.power and found.power.power_id
        assert (found.verdict, name, found.more) == twin.decide(asked)


def test_cedar_decides_the_same_on_what_needs_no_history():
    try:
        import cedarpy
    except ImportError:
        missing("cedarpy", "pip install 'liandong[test]'")
    rng, allowed = random.Random(5), 0
    for _ in range(5):
        entries = [cedar.stateless(entry(rng, k)) for k in range(40)]
        made = Index(entries, posts(rng), DAY)
        text = cedar.policies(made.standing())
        asked = [r for r in (request(rng) for _ in range(2_000)) if made.names(r.action)]
        engine = cedarpy.is_authorized_batch(
            [cedar.request(r) for r in asked], text, json.dumps(cedar.entities(made))
        )
        ours = [d.verdict == "allow" for d in made.decide_all(asked, {})]
        assert ours == [e.allowed for e in engine]
        assert len(asked) == 2_000
        allowed += sum(ours)
    assert 1_000 < allowed < 9_000


def test_cedar_text_of_an_entry_is_this():
    row = {"limit": 500, "scope": {"region": ["320000"]}, "conflicts": ["maker"], "total_limit": 9}
    assert cedar.policies([power({**BASE, **row})]) == (
        '@id("P1")\n@stateful("total_limit")\n'
        'permit(principal == User::"li", action == Action::"pay", resource)\n'
        "when { context has amount && context.amount >= 0 && context.amount <= 500"
        ' && !context.done.containsAny(["maker"])'
        ' && context.about has "region" && (context.about["region"] like "32*") };\n'
    )
