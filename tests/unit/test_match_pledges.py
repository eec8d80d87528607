"""Pledges: recorded for what is offered, compared among boards, sealed for others."""

import json
from pathlib import Path

import pytest
import typer

import liandong as ld
from liandong.cli import show
from liandong.cli.pledges import pledges as command
from liandong.errors import NotFoundError, UsageError
from liandong.match import PledgeRule, pledge, receivables
from liandong.match.supply.doubles import double_pledges, seal
from liandong.match.supply.prints import numbers, with_prints
from liandong.schema.arrow import build, empty
from liandong.testing import check_step
from liandong.types import stable_id
from support.bills import invoices, pledges
from support.command import call as typed
from support.funds import offers
from support.lending import DAY, WAN, parties, products, scores

KEY = b"0123456789abcdef"
BILLS = invoices({"invoice_id": "12345678"}, {"invoice_id": "22345678", "seller": "T"})


def claims():
    firms = {p: {"size_class": "large"} for p in "STB"}
    good = scores(**{p: {"pd": 5_000} for p in "STB"})
    got = receivables(BILLS, parties(**firms), good, as_of=DAY)["receivable"]
    return got, {r["seller_id"]: r["project_id"] for r in got.to_pylist()}


def recorded(offer, loan=None):
    claim, _ = claims()
    got = pledge(offer, claim, BILLS, empty("party"), products(P={}, Q={"lender_id": "L2"}),
                 loan or empty("loan"), as_of=DAY)  # fmt: skip
    return got["pledge"].to_pylist()


def test_what_is_offered_is_pledged_and_nothing_else():
    _, project = claims()
    offer = offers(DAY, (project["S"], "P", 50 * WAN), (project["T"], "P", 0), ("R", "P", WAN))
    (row,) = recorded(offer)
    known = with_prints(BILLS, empty("party")).to_pylist()[0]
    assert row == {
        "invoice_id": "12345678", "project_id": project["S"], "lender_id": "BANK",
        "fingerprint": known["fingerprint"], "number_print": known["number_print"],
        "content_print": known["content_print"], "loan_id": None, "pledged_on": DAY,
        "released_on": None,
    }  # fmt: skip
    paid = stable_id("loan", project["S"], "P")
    loan = build("loan", {
        "loan_id": [paid], "party_id": ["S"], "lender_id": ["BANK"], "amount": [1],
        "start": [DAY], "term_months": [1], "status": ["current"],
    })  # fmt: skip
    assert recorded(offer, loan)[0]["loan_id"] == paid
    both = offers(DAY, (project["S"], "Q", WAN), (project["S"], "P", WAN))
    assert [r["lender_id"] for r in recorded(both)] == ["BANK"]


def test_recording_holds_the_conventions():
    claim, project = claims()
    tables = {
        "offer": offers(DAY, (project["S"], "P", WAN), (project["T"], "Q", WAN)),
        "receivable": claim, "invoice": BILLS, "party": parties(S={}),
        "product": products(P={}, Q={}), "loan": empty("loan"),
    }  # fmt: skip
    check_step(pledge, tables, PledgeRule(as_of=DAY))


def test_fingerprints_are_published_arithmetic():
    import hashlib
    import hmac

    row = with_prints(invoices({"invoice_id": "no-12345678"}), empty("party"))
    body = "\x1f".join(
        ["invoice", "12345678", "S", "B", "2023-12-01", str(100 * WAN), str(13 * WAN)]
    )
    want = hashlib.sha256(body.encode()).hexdigest()
    assert row["number"].to_pylist() == numbers(row["invoice_id"]).to_pylist() == ["12345678"]
    assert row["fingerprint"].to_pylist() == [want]
    sealed = seal(pledges(invoices({"invoice_id": "no-12345678"})), KEY)
    assert sealed["fingerprint"].to_pylist() == [
        hmac.new(KEY, want.encode(), hashlib.sha256).hexdigest()
    ]


def test_one_invoice_in_two_places_is_a_double():
    one, other = pledges(BILLS), pledges(BILLS.slice(0, 1), project_id="Z9", lender_id="L2")
    (pair,) = double_pledges({"a": one, "b": other}).to_pylist()
    assert (pair["kind"], pair["board_a"], pair["lender_id_a"]) == ("same", "a", "L1")
    assert (pair["board_b"], pair["lender_id_b"], pair["invoice_id_b"]) == ("b", "L2", "12345678")
    # Released on the day of the next pledge; and one pledge that two boards know of.
    before, after = pledges(BILLS, released_on=DAY), pledges(BILLS, project_id="Z", pledged_on=DAY)
    assert not len(double_pledges({"a": before, "b": after}))
    assert len(double_pledges({"a": one, "b": after})) == len(BILLS)
    assert not len(double_pledges({"a": one, "b": pledges(BILLS)}))
    assert not len(double_pledges({}))
    assert not len(double_pledges({"a": empty("pledge")}))


def test_lists_are_sealed_alike_or_not_compared():
    lists = pledges(BILLS)
    with pytest.raises(UsageError, match="one key"):
        double_pledges({"a": lists, "b": seal(lists, KEY)})
    with pytest.raises(UsageError, match="one key"):
        double_pledges({"a": seal(lists, KEY + b"1"), "b": seal(lists, KEY)})
    with pytest.raises(UsageError, match="16"):
        seal(lists, KEY[:15])


def call(*words, cwd):
    return typed("pledges", *words, cwd=cwd)


def here(capsys, *places, **options):
    """Call the command in this process; return its code and what it says."""
    try:
        command(list(places), **{"as_json": True, **options})
    except typer.Exit as end:
        return end.exit_code, capsys.readouterr().out
    return 0, capsys.readouterr().out


@pytest.fixture
def two_boards(tmp_path):
    for name, fields in (("A", {}), ("B", {"project_id": "Z9", "lender_id": "L2"})):
        with ld.open(tmp_path / f"{name}.board", actor="ann") as board:
            rows = pledges(BILLS.slice(0, 1) if fields else BILLS, **fields)
            board.put("pledges", {"pledge": rows})
    return tmp_path


def test_the_command_finds_doubles_among_boards(two_boards):
    code, out, _ = call("A.board", "B.board", cwd=two_boards)
    assert (code, "pledged twice" in out, "1 pairs" in out) == (1, True, True)
    assert "L1 12345678" in out
    code, out, _ = call("A.board", "--json", cwd=two_boards)
    assert (code, out) == (0, "[]\n")


def test_the_command_tells_both_sides(two_boards, capsys, monkeypatch):
    monkeypatch.chdir(two_boards)
    code, out = here(capsys, "A.board", "B.board")
    (pair,) = json.loads(out)
    assert (code, pair["kind"], pair["lender_id_b"]) == (1, "same", "L2")
    monkeypatch.setattr(show, "COMMON", show.Common("B.board", "ann", "zh"))
    assert here(capsys) == (0, "[]\n")
    assert "重复质押" in here(capsys, "A.board", "B.board", as_json=False)[1]
    with pytest.raises(NotFoundError):
        here(capsys, "A.board", "C.board")


def test_the_command_compares_what_others_sealed(two_boards, capsys, monkeypatch):
    monkeypatch.chdir(two_boards)
    Path("key").write_bytes(KEY + b"\n")
    key = {"key_file": Path("key")}
    assert here(capsys, "B.board", seal=Path("B.csv"), **key)[0] == 0
    text = Path("B.csv").read_text()
    assert "12345678" not in text
    assert "Z9" not in text
    code, out = here(capsys, "A.board", "B.csv", **key)
    (pair,) = json.loads(out)
    assert (code, pair["kind"], pair["lender_id_a"], pair["lender_id_b"]) == (1, "same", "L1", "L2")
    for places, options, words, what in (
        (("A.board", "B.csv"), {}, "", "one key"),
        (("A.board", "B.csv"), {}, "z" * 16, "one key"),
        (("A.board",), {"seal": Path("x.csv")}, "", "takes a key"),
        (("A.board", "B.board"), {"seal": Path("x.csv")}, KEY.decode(), "one board"),
        (("A.board", "key.csv"), {}, KEY.decode(), "no sealed list"),
        (("A.board",), {"key_file": Path("none")}, "", "cannot be read"),
    ):
        monkeypatch.setenv("LIANDONG_PLEDGE_KEY", words)
        with pytest.raises(UsageError, match=what):
            here(capsys, *places, **options)
    monkeypatch.setenv("LIANDONG_PLEDGE_KEY", KEY.decode())
    assert here(capsys, "A.board", "B.csv")[0] == 1
