"""The conflict of deciding on those to whom one has ties, by what the tables of a board know."""

from datetime import date, timedelta

import pytest

import liandong as ld
from liandong.errors import RefusedError
from liandong.schema.arrow import build
from liandong.settle import disburse
from liandong.store.related import related
from liandong.types import today

LONG_AGO = date(2000, 1, 1)
EDGES = (  # from, to, kind, until
    ("li", "F-owned", "owns", None),
    ("li", "F-left", "directs", date(2020, 1, 1)),
    ("li", "F-supplied", "supplies", None),
    ("sister", "li", "kin", None),
    ("sister", "F-sister", "directs", None),
    ("cousin", "sister", "kin", None),
    ("cousin", "F-cousin", "owns", None),
    ("N7", "F-numbered", "controls", None),
)
STAFF = {
    "staff_id": ["li", "zhao", "sun"], "unit_id": ["U1", "U2", "U1"],
    "person": ["N7", "N8", None], "phone": ["123", None, None],
    "bank_account": [None, None, "888"],
}  # fmt: skip
VENDORS = {
    "vendor_id": ["V-phone", "V-person", "V-none", "V-account"],
    "phone": ["123", None, None, None], "person": [None, "N7", None, None],
    "bank_account": [None, None, None, "888"],
}  # fmt: skip


def owned(name, low, **more):
    columns = {"as_of": [today()], "party_id": [name], "holder_id": ["li"], "low": [low], **more}
    return {**columns, "high": [1_000_000]}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with ld.open(tmp_path_factory.mktemp("ties") / "t.board", actor="ann") as board:
        src, dst, kind, until = zip(*EDGES, strict=True)
        board.put("ties", {
            "edge": build("edge", {"src": src, "dst": dst, "kind": kind, "valid_to": until,
                                   "valid_from": [LONG_AGO] * len(EDGES)}),
            "staff": build("staff", STAFF), "vendor": build("vendor", VENDORS),
        })  # fmt: skip
        reasons = {"reasons": [[]]}
        for name, low in (("F-deep", 70_000), ("F-perhaps", 0)):
            row = {**owned(name, low, measure=["economic"]), "ultimate": [True], **reasons}
            board.put(name, {"ownership": build("ownership", row)})
        row = {"as_of": [today()], "regime": ["cn"], "party_id": ["F-benefit"], "holder_id": ["li"],
               **{n: [250_000] for n in ("interest_low", "interest_high", "stake_low",
                                         "stake_high")}, "verdict": ["yes"], **reasons}  # fmt: skip
        board.put("benefit", {"beneficial_owner": build("beneficial_owner", row)})
        yield board


@pytest.mark.parametrize(
    ("party", "tied"),
    [
        ("li", True), ("F-owned", True), ("F-left", False), ("F-supplied", False),
        ("sister", True), ("F-sister", True), ("cousin", False), ("F-cousin", False),
        ("F-numbered", True), ("F-deep", True), ("F-perhaps", False), ("F-benefit", True),
        ("U1", True), ("U2", False), ("V-phone", True), ("V-person", True), ("V-none", False),
        ("V-account", False), ("F-unknown", False),
    ],
)  # fmt: skip
def test_ties_are_what_the_tables_say(town, party, tied):
    assert related(town.store, [party])("li") is tied


def test_one_tie_is_enough_and_what_is_not_known_is_none(town):
    every = [*(dst for _, dst, *_ in EDGES), *VENDORS["vendor_id"], "F-deep", "F-benefit", "U1"]
    assert related(town.store, every)("li")
    assert not related(town.store, every)("stranger")


def test_nobody_decides_on_those_to_whom_he_has_ties(town):
    town.powers.add([
        {"power_id": "P1", "holder": "*", "action": "pay", "conflicts": ["related"]},
        {"power_id": "P2", "holder": "*", "action": "stop"},
    ])  # fmt: skip
    li = town.acting("li").powers
    for subject in ("F-owned", "V-phone"):
        with pytest.raises(RefusedError, match=r"P1 \(conflicts: related\)"):
            li.need("pay", subject, 5)
        town.acting("wang").powers.need("pay", subject, 5)
        li.need("stop", subject)
    li.need("pay", "F-left", 5)
    assert (
        town.store.books.rows("power_act", kind="denied")[0]["reason"] == "P1 (conflicts: related)"
    )


def offers(party):
    return {"offer": build("offer", {
        "project_id": ["P1"], "as_of": [today() - timedelta(1)], "party_id": [party],
        "product_id": ["D1"], "amount": [100_00], "rate": [40_000], "value": [0],
        "reasons": [[{"code": "x", "points": 1}]],
    })}  # fmt: skip


def test_decisions_on_rows_look_at_their_parties_and_entries_at_who_owns_the_accounts(town):
    town.powers.add([
        {"power_id": f"D-{action}", "holder": "*", "action": action, "conflicts": ["related"]}
        for action in ("decide.settle.disburse", "ledger.post")
    ])  # fmt: skip
    town.put("offers", offers("F-owned"))
    case = town.propose(disburse)
    with pytest.raises(RefusedError, match="related"):
        town.acting("li").approve(case)
    town.acting("wang").approve(case)
    town.ledger.open(build("account", {
        "account_id": ["A", "B", "C"], "owner_id": ["F-owned", "F-left", "F-unknown"],
        "unit": ["CNY"] * 3, "code": ["memo"] * 3,
    }))  # fmt: skip

    def post(who, name, debit, credit):
        entry = {"entry_id": name, "debit": debit, "credit": credit, "amount": 5, "unit": "CNY",
                 "phase": "posted", "event_time": today()}  # fmt: skip
        return town.acting(who).ledger.post_one(entry)

    for debit, credit in (("A", "B"), ("C", "A")):
        with pytest.raises(RefusedError, match="related"):
            post("li", "e1", debit, credit)
    assert post("li", "e2", "B", "C") == "ok"
    assert post("wang", "e1", "A", "B") == "ok"
    assert town.check() == []
