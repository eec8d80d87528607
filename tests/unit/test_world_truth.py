"""What is planted in a world is there, can be found, and is not marked."""

import itertools
import json
from collections import Counter
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from support.worlds import Tables, columns, mapping, medium_world, only, sales, truths


@pytest.fixture(scope="module")
def world() -> Tables:
    return medium_world()


@pytest.fixture(scope="module")
def planted(world: Tables) -> dict[str, dict]:
    """Transfers that were planted, by id."""
    ids = [i for r in world["truth"]["detail"].to_pylist() for i in json.loads(r).get("flows", [])]
    flow = world["flow"]
    rows = flow.take(pc.index_in(pa.array(ids), flow["flow_id"])).to_pylist()
    assert len(set(ids)) == len(rows) == len(ids)
    owner = mapping(world["bank_account"], "account_id", "party_id")
    return {
        r["flow_id"]: {**r, "src": owner[r["src_account"]], "dst": owner[r["dst_account"]]}
        for r in rows
    }


def test_round_trips_come_back_within_days_and_hardly_shaved(world, planted) -> None:
    loans = {r["loan_id"]: r for r in world["loan"].to_pylist()}
    for truth in truths(world, "round_trip"):
        legs = [planted[i] for i in truth["detail"]["flows"]]
        loan = loans[truth["subject"]]
        assert legs[0]["src"] == legs[-1]["dst"] == loan["party_id"] == truth["object"]
        assert [a["dst"] for a in legs[:-1]] == truth["detail"]["through"]
        for a, b in itertools.pairwise(legs):
            assert a["dst_account"] == b["src_account"]
            assert a["at"] < b["at"]
            assert 0.98 * a["amount"] - 1 <= b["amount"] <= a["amount"]
        assert truth["amount"] == legs[-1]["amount"]
        assert legs[0]["amount"] <= loan["amount"]
        assert 0 <= (legs[0]["at"].date() - loan["start"]).days <= 10
        assert (legs[-1]["at"] - legs[0]["at"]).days <= 30


def test_diverted_money_leaves_within_days(world, planted) -> None:
    loans = {r["loan_id"]: r for r in world["loan"].to_pylist()}
    kind = mapping(world["bank_account"], "account_id", "kind")
    place = {"securities": "securities", "property": "property", "relative": "current"}
    used = set()
    for truth in truths(world, "diverted_loan"):
        flows = [planted[i] for i in truth["detail"]["flows"]]
        loan = loans[truth["subject"]]
        assert {f["src"] for f in flows} == {loan["party_id"]} == {truth["detail"]["borrower"]}
        assert {f["dst"] for f in flows} == {truth["object"]}
        assert {kind[f["dst_account"]] for f in flows} == {place[truth["detail"]["to"]]}
        assert sum(f["amount"] for f in flows) == truth["amount"] <= loan["amount"]
        assert truth["amount"] > 0.45 * loan["amount"]
        assert all(0 <= (f["at"].date() - loan["start"]).days <= 10 for f in flows)
        used.add(truth["detail"]["to"])
    assert used == place.keys()


def test_shells_trade_without_staff_or_power(world, planted) -> None:
    sold, signal = sales(world), world["signal"]
    for truth in truths(world, "shell"):
        mine = only(signal, "party_id", truth["subject"])
        values = {m: only(mine, "measure", m)["value"].to_numpy() for m in ("insured", "kwh")}
        assert sold[truth["subject"]] > 0
        assert (values["insured"] == 0).all()
        assert (values["kwh"] < 30).all()
        flows = [planted[i] for i in truth["detail"]["flows"]]
        assert {(f["src"], f["dst"]) for f in flows} == {(truth["subject"], truth["object"])}
        assert sum(f["amount"] for f in flows) == truth["amount"]


def test_rings_are_the_only_circles_of_guarantees(world: Tables) -> None:
    edge = only(world["edge"], "kind", "guarantees")
    out: dict[str, set[str]] = {}
    for src, dst in zip(edge["src"].to_pylist(), edge["dst"].to_pylist(), strict=True):
        out.setdefault(src, set()).add(dst)

    def reach(start: str) -> set[str]:
        seen, todo = set(), [start]
        while todo:
            for nxt in out.get(todo.pop(), ()):
                if nxt not in seen:
                    seen.add(nxt)
                    todo.append(nxt)
        return seen

    members = [t["detail"]["members"] for t in truths(world, "guarantee_chain")]
    for ring in members:
        assert all(b in out[a] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
        assert reach(ring[0]) == set(ring)
    assert {p for p in out if p in reach(p)} == {p for ring in members for p in ring}


def test_decliners_lose_most_of_their_sales(world: Tables) -> None:
    good = only(world["invoice"], "status", "valid")
    for truth in truths(world, "declining_firm"):
        mine = only(good, "seller", truth["subject"])
        day, net = columns(mine, "date", "net")
        before = net[day < np.datetime64(truth["at"])].sum() / (truth["at"] - day.min().item()).days
        end = world["project"]["asked_on"][0].as_py()
        after = net[day > np.datetime64(end) - 120].sum() / 120
        assert after < 0.85 * before


def test_connected_bidders_have_one_owner_and_win(world: Tables) -> None:
    edge = world["edge"]
    above = {(r["src"], r["dst"]) for r in only(edge, "kind", "owns", "controls").to_pylist()}
    bids: dict[str, list[dict]] = {}
    for bid in world["bid"].to_pylist():
        bids.setdefault(bid["tender_id"], []).append(bid)
    assert all(sum(b["won"] for b in found) == 1 for found in bids.values())
    for truth in truths(world, "connected_tender"):
        found = {b["bidder_id"]: b for b in bids[truth["subject"]]}
        group = truth["detail"]["bidders"]
        assert set(group) <= found.keys()
        assert any(found[b]["won"] for b in group)
        assert all((truth["object"], b) in above for b in group)
        prices = [found[b]["amount"] for b in group]
        assert max(prices) < 1.02 * min(prices)


def test_split_applications_are_of_one_controller_and_look_alikes_are_not(world: Tables) -> None:
    edge = only(world["edge"], "kind", "owns", "controls").to_pylist()
    above = {r["dst"]: r["src"] for r in edge if (r["share"] or 10**6) > 500_000}
    project = {r["project_id"]: r for r in world["project"].to_pylist()}
    end = max(r["asked_on"] for r in project.values())
    planted = truths(world, "split_application")
    assert len(planted) >= 3
    for truth in planted:
        parts = [project[p] for p in truth["detail"]["projects"]]
        assert sum(p["need"] for p in parts) == truth["amount"]
        assert max(p["asked_on"] for p in parts) == end
        assert min(p["asked_on"] for p in parts) == truth["at"] >= end - timedelta(days=30)
        for p in parts:
            chain = [p["party_id"]]
            while chain[-1] in above and above[chain[-1]] not in chain:
                chain.append(above[chain[-1]])
            assert truth["object"] in chain
    of_splits = {p for t in planted for p in t["detail"]["projects"]}
    assert any(r["asked_on"] < end and p not in of_splits for p, r in project.items())


def test_doubled_receivables_go_to_two_banks(world: Tables) -> None:
    act = {r["act_id"]: r for r in world["voucher_act"].to_pylist()}
    gross = {r["invoice_id"]: r["net"] + r["tax"] for r in world["invoice"].to_pylist()}
    seen = set()
    for truth in truths(world, "double_pledge"):
        one, two = (act[a] for a in truth["detail"]["claims"])
        assert one["kind"] == two["kind"] == "discount"
        assert one["from_party"] == two["from_party"] == truth["object"]
        assert one["to_party"] != two["to_party"]
        seen.add(truth["detail"]["thing"])
        if truth["detail"]["thing"] == "lot":
            assert one["lot_id"] == two["lot_id"] == truth["subject"].removesuffix("#1")
            whole = act[one["lot_id"]]["amount"]
            assert one["amount"] == two["amount"] > whole / 2
        else:
            issued = [act[a["lot_id"]] for a in (one, two)]
            assert {i["invoice_id"] for i in issued} == {truth["subject"]}
            assert sum(i["amount"] for i in issued) > gross[truth["subject"]] == truth["amount"]
    assert seen == {"lot", "invoice"}


def test_circles_of_trade_close_and_are_not_paid(world: Tables) -> None:
    invoice = {r["invoice_id"]: r for r in world["invoice"].to_pylist()}
    paid = {(r["src_account"], r["dst_account"], r["amount"]) for r in world["flow"].to_pylist()}
    account = mapping(only(world["bank_account"], "kind", "current"), "party_id", "account_id")
    for truth in truths(world, "circular_trade"):
        legs = [invoice[i] for i in truth["detail"]["invoices"]]
        assert [r["seller"] for r in legs] == truth["detail"]["members"]
        assert [r["buyer"] for r in legs] == [*truth["detail"]["members"][1:], legs[0]["seller"]]
        amounts = [r["net"] + r["tax"] for r in legs]
        assert min(amounts) == truth["amount"] >= 0.96 * max(amounts)
        days = [r["date"] for r in legs]
        assert min(days) == truth["at"] >= max(days) - timedelta(days=25)
        for r, amount in zip(legs, amounts, strict=True):
            assert (account[r["buyer"]], account[r["seller"]], amount) not in paid


def test_the_joint_fund_is_whole_and_its_caps_cover_its_capacity(world: Tables) -> None:
    rows, product = world["participation"].to_pylist(), world["product"]
    assert sum(r["share"] for r in rows) == 1_000_000
    capacity = mapping(product, "product_id", "capacity")[rows[0]["product_id"]]
    assert all(r["most"] * 10**6 >= capacity * r["share"] for r in rows)
    assert len({r["region_id"] for r in rows}) == len(rows) == 3


def test_helpers_share_the_owner_of_the_borrower(world: Tables) -> None:
    edge = world["edge"]
    above: dict[str, set[str]] = {}
    for r in only(edge, "kind", "owns", "controls").to_pylist():
        above.setdefault(r["dst"], set()).add(r["src"])
    for truth in truths(world, "round_trip"):
        for helper in truth["detail"]["through"]:
            assert above[helper] & above[truth["object"]]


def test_no_public_text_marks_what_is_planted(world, planted) -> None:
    """Whatever a planted transfer says, many ordinary ones say too."""
    flow = world["flow"]
    ordinary = flow.filter(pc.invert(pc.is_in(flow["flow_id"], pa.array(list(planted)))))
    says = Counter(zip(*(ordinary[n].to_pylist() for n in ("kind", "purpose")), strict=True))
    told = Counter((f["kind"], f["purpose"]) for f in planted.values() if f["purpose"] != "往来款")
    assert all(says[text] >= count for text, count in told.items())
    assert all(says[f["kind"], f["purpose"]] > 0 for f in planted.values())
