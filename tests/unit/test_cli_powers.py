"""Powers on the command line."""

import json

import pytest

from support.command import call

LIST = """
[[power]]
power_id = "F1"
holder = "post:chief"
action = "fund.pay"
limit = "1_000 CNY"
delegate_days = 30

[[power]]
power_id = "F2"
holder = "li"
action = "fund.stop"
glass_hours = 4
approvals = { n = 1, of = "role:board" }

[[post]]
person = "li"
post = "post:chief"

[[post]]
person = "wang"
post = "role:board"
"""
CSV = "power_id,holder,action,limit,evidence\nF1,li,fund.pay,500,contract;invoice\n"


@pytest.fixture
def ask(tmp_path):
    (tmp_path / "powers.toml").write_text(LIST, encoding="utf-8")

    def ask(*words, by="ann", **env):
        return call("-b", "t.board", "--actor", by, "powers", *words, cwd=tmp_path, **env)

    assert call("-b", "t.board", "init", cwd=tmp_path)[0] == 0
    return ask


def test_a_list_is_checked_loaded_and_shown(ask):
    assert ask("check", "powers.toml")[1] == "could be added: power 2, post 2\n"
    assert "everybody may" in ask("who", "fund.pay")[1]
    assert ask("load", "powers.toml")[0] == 0
    code, out, _ = ask("who", "fund.pay", "--json")
    (row,) = json.loads(out)
    assert (code, row["power_id"], row["limit"], row["people"]) == (0, "F1", 1_000_00, ["li"])
    assert "1,000.00" in ask("show")[1]
    assert "人人可办" in ask("show", LIANDONG_LANG="zh")[1]
    assert 'principal in Group::"post:chief"' in ask("export")[1]


def test_amounts_of_a_csv_file_are_yuan(ask, tmp_path):
    (tmp_path / "powers.csv").write_text(CSV, encoding="utf-8")
    assert ask("load", "powers.csv")[0] == 0
    (row,) = json.loads(ask("who", "fund.pay", "--json")[1])
    assert (row["limit"], json.loads(row["evidence"])) == (500_00, ["contract", "invoice"])


def test_people_hand_on_agree_break_the_glass_and_review(ask):
    ask("load", "powers.toml")
    code, out, err = ask("delegate", "F1", "--to", "sun", "--until", "2999-01-01", by="li")
    assert (code, out) == (4, "")
    assert "F1-" in err
    assert "valid_to" in err
    number = ask("ask", "fund.stop", "--subject", "X", "--amount", "5 CNY", by="li")[1].split()[1]
    assert "nothing waits" not in ask("inbox")[1]
    assert ask("agree", number, by="li")[0] == 5
    assert ask("break-glass", "F2", "--reason", "flood", by="li")[0] == 2
    broken = ask("break-glass", "F2", "--reason", "flood", "--informed", "wang", by="li")[1]
    assert ask("agree", number, by="wang")[0] == 0
    found = json.loads(ask("inbox", "--json")[1])
    assert [r["agreed"] for r in found["asked"]] == [["wang"]]
    assert "flood (wang)" in ask("inbox")[1]
    assert ask("review", broken.split()[1], "--reason", "right", by="wang")[0] == 0
    assert ask("revoke", "F1", "--reason", "over", by="ann")[0] == 0
    assert "F1" not in ask("show")[1]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("load", "none.toml"), 2, "none.toml"), (("load", "none.csv"), 2, "none.csv"),
        (("load", "bad.toml"), 4, "entry F9"), (("load", "odd.toml"), 2, "more"),
        (("agree", "x"), 2, "x"), (("agree", "7"), 3, "7"), (("revoke", "no"), 3, "no"),
        (("delegate", "F1", "--until", "soon"), 2, "soon"), (("review", "7"), 3, "7"),
    ],
)  # fmt: skip
def test_bad_calls_say_what_is_wrong(ask, tmp_path, words, code, told):
    bad = '[[power]]\npower_id = "F9"\nholder = "li"\naction = "x"\nlimit = 500.5\ncolour = 1\n'
    (tmp_path / "bad.toml").write_text(bad, encoding="utf-8")
    (tmp_path / "odd.toml").write_text("[[more]]\nx = 1\n", encoding="utf-8")
    done = ask(*words)
    assert (done[0], done[1]) == (code, "")
    assert told in done[2]
