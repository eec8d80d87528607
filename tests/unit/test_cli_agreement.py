"""The command for agreements."""

import json

import pytest

import liandong as ld
from liandong.govern.versions import AGREEMENT
from support.command import call

TEXT = """agreement park { unit CNY/2; parties host, home; valid 2026-01-01..2035-12-31
  base yearly = tax; tier rest { host 1/3; home 2/3 } }
subsidy interest { rate min(contract - 1/100, 2/100); day-count act/360; months 1..24; paid by gov }
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "park.agr"
    path.write_text(TEXT, "utf-8")
    return path


def test_an_agreement_is_checked_formatted_and_shown(tmp_path, file):
    assert call("agreement", "check", file, cwd=tmp_path) == (0, "the agreement can be kept\n", "")
    code, text, _ = call("agreement", "format", file, cwd=tmp_path)
    assert code == 0
    assert "  tier rest { host 1/3; home 2/3 }\n" in text
    call("agreement", "format", file, "--out", tmp_path / "again.agr", cwd=tmp_path)
    assert (tmp_path / "again.agr").read_text("utf-8") == text
    _, shown, _ = call("--lang", "zh", "agreement", "show", file, cwd=tmp_path)
    assert "host 得 1/3" in shown
    _, lines, _ = call("agreement", "show", file, "--json", cwd=tmp_path)
    assert json.loads(lines)[0].startswith("Agreement park on shares in CNY")


def test_all_faults_are_told_with_their_places(tmp_path, file):
    file.write_text(TEXT.replace("2/3", "1/3").replace("months 1..24", "months 1..999"), "utf-8")
    code, out, err = call("agreement", "check", file, cwd=tmp_path)
    assert (code, out) == (2, "")
    assert "line 2, column 22, 'rest': the portions add up to 2/3" in err
    assert "line 3, column 1, '1..999'" in err
    code, out, _ = call("agreement", "check", file, "--json", cwd=tmp_path)
    assert [f["line"] for f in json.loads(out.splitlines()[0])] == [2, 3]
    assert call("agreement", "show", file, cwd=tmp_path)[0] == 2


def test_years_are_simulated(tmp_path, file):
    bases = [w for b in ("tax=1_000", "principal=360.00", "contract=2.5%") for w in ("--base", b)]
    years = ("--years", "2026..2028", "--growth", "10%")
    words = ("agreement", "simulate", file, *years, *bases)
    code, table, _ = call(*words, cwd=tmp_path)
    assert code == 0
    rows = [line.split() for line in table.splitlines()]
    assert rows[:4] == [["park", "CNY", "host", "home"], ["2026", "333.33", "666.67"],
                        ["2027", "366.67", "733.33"], ["2028", "403.33", "806.67"]]  # fmt: skip
    found = json.loads(call(*words, "--json", cwd=tmp_path)[1])
    # 360 yuan at 1.5 % for 365 days of 360.
    (paid,) = [f for f in found if f["party"] == "borrower" and f["period"] == "2026"]
    assert (paid["amount"], paid["unit"]) == (548, "CNY")


@pytest.mark.parametrize(
    "words",
    [(), ("--years", "2026..2028"), ("--years", "2026", "--base", "tax=1"),
     ("--years", "2026..2028", "--base", "tax=1", "--growth", "much")],
)  # fmt: skip
def test_a_simulation_says_what_it_needs(tmp_path, file, words):
    code, _, err = call("agreement", "simulate", file, *words, cwd=tmp_path)
    assert code == 2
    assert "--years 2026..2030" in err


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    code, _, err = call("agreement", "check", tmp_path / "none.agr", cwd=tmp_path)
    assert code == 2
    assert "cannot read" in err


def test_those_signed_are_a_rule(tmp_path):
    with ld.open(tmp_path / "b.board", actor="ann") as board:
        rule = ld.settle.AgreementRule.make(
            agreements=[{"name": "p", "text": TEXT, "parties": {"host": "R1"}}]
        )
        case = board.propose_rules("p", rule, "why", AGREEMENT)
        board.acting("bob").approve(case)
    code, text, _ = call("-b", tmp_path / "b.board", "agreement", "signed", cwd=tmp_path)
    assert code == 0
    assert ld.settle.AgreementRule.from_toml(text) == rule
