"""The command line, as a user meets it: output, exit codes and two languages."""

import datetime as dt
import json
import subprocess
import sys

import pytest

import liandong as ld
from liandong import errors
from liandong.cli.do import pairs
from liandong.schema.arrow import build
from liandong.types import Money, Rate
from support.command import call, process

STAT = """region_id,period,measure,vintage,value,unit,source
110000,2020,gdp,v1,36000,亿元,test
110000,2020,population,v1,2189,万人,test
440000,2020,gdp,v1,110000,亿元,test
440000,2020,population,v1,12624,万人,test
"""


@pytest.fixture
def home(tmp_path):
    (tmp_path / "stat.csv").write_text(STAT, encoding="utf-8")
    return tmp_path


def test_a_session_from_load_to_why(home):
    assert process("init", cwd=home)[0] == 0
    code, out, _ = process("load", "region_stat", "stat.csv", "--json", cwd=home)
    run = json.loads(out)
    assert (code, run["counts"]["region_stat"], run["counts"]["refused"]) == (0, 4, 0)
    code, out, _ = process("run", "survey.gap", "--json", cwd=home)
    assert json.loads(out)["status"] == "done"
    code, out, _ = process("table", "gap", "index=theil_t", "part=total", "--json", cwd=home)
    row = json.loads(out)[0]
    assert row["regions"] == 2
    keys = [f"{k}={row[k]}" for k in ("measure", "period", "vintage", "index", "part")]
    code, out, _ = process("why", "gap", *keys, "--json", cwd=home)
    assert json.loads(out)["run"]["step"] == "survey.gap"
    code, out, _ = process("why", "gap", *keys, cwd=home)
    assert "survey.gap" in out
    code, out, _ = process("check", cwd=home)
    assert (code, "all in order" in out) == (0, True)


def test_numbers_agree_with_the_library(home):
    call("load", "region_stat", "stat.csv", cwd=home)
    _, out, _ = call("sql", "SELECT sum(value) AS v FROM region_stat", "--json", cwd=home)
    with ld.open(home / "liandong.board") as board:
        assert json.loads(out) == board.sql("SELECT sum(value) AS v FROM region_stat").to_pylist()


def test_dry_runs_write_nothing(home):
    code, out, _ = call("load", "region_stat", "stat.csv", "--dry-run", cwd=home)
    assert (code, "dry" in out) == (0, True)
    assert json.loads(call("runs", "--json", cwd=home)[1]) == []


def test_wrong_rows_are_told_in_the_users_language(home):
    (home / "bad.csv").write_text(STAT.replace("36000", "many"), encoding="utf-8")
    code, _, err = call("load", "region_stat", "bad.csv", cwd=home, LIANDONG_LANG="zh")
    assert code == 0
    assert "liandong table load_error" in err
    code, out, _ = call("table", "load_error", "--json", cwd=home)
    row = json.loads(out)[0]
    assert (row["row"], row["field"], row["value"]) == (2, "value", "many")
    assert "不是数值" in row["reason_zh"]
    assert "not a number" in row["reason_en"]


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        (("table", "nonsense"), errors.NotFoundError, "no table named 'nonsense'"),
        (("run", "assess.nonsense"), errors.NotFoundError, "no step named"),
        (("run", "survey.gap", "colour=red"), errors.UsageError, "colour"),
        (("run", "survey.gap", "colour"), errors.UsageError, "KEY=VALUE"),
        (("load", "region_stat", "missing.csv"), errors.DataError, "missing.csv"),
        (("propose", "settle.disburse"), errors.RefusedError, "nothing to approve"),
        (("approve", "nobody"), errors.NotFoundError, "no case named"),
        (("bench", "nonsense"), errors.NotFoundError, "no benchmark named"),
        (("sql", "DROP TABLE act"), errors.UsageError, "wrong call"),
    ],
)
def test_errors_end_with_their_exit_code_and_no_traceback(words, error, says, home):
    call("init", cwd=home)
    code, _, err = call(*words, cwd=home)
    assert code == error.exit_code
    assert says in err
    assert "Traceback" not in err


def test_errors_as_json_and_in_chinese(home):
    call("init", cwd=home)
    code, out, err = call("--lang", "zh", "table", "nonsense", "--json", cwd=home)
    assert json.loads(out)["error"] == "not_found"
    assert "找不到" in err
    assert code == errors.NotFoundError.exit_code


def test_a_board_must_be_made_first(home):
    code, _, err = call("runs", cwd=home)
    assert code == errors.NotFoundError.exit_code
    assert "liandong init" in err


def test_two_people_approve_on_the_command_line(home):
    for words in (("load", "world", "--set", "firms=300", "--set", "months=30"),):
        assert call(*words, cwd=home)[0] == 0
    with ld.open(home / "liandong.board") as board:
        day = str(board.sql("SELECT max(asked_on) AS d FROM project")["d"][0])
    for name in ("assess.features", "assess.fit", "assess.score", "match.quote"):
        given = f"as_of={int(day[:4]) - 1}{day[4:]}" if name == "assess.fit" else f"as_of={day}"
        if name == "assess.fit":
            assert call("run", "assess.features", given, cwd=home)[0] == 0
        code, _, err = call("run", name, given, cwd=home)
        assert code == 0, err
    code, _, err = call("run", "match.allocate", f"as_of={day}", "budget=20_000_000 CNY", cwd=home)
    assert code == 0, err
    assert call("run", "match.syndicate", f"as_of={day}", cwd=home)[0] == 0
    case = call("--actor", "li", "propose", "settle.disburse", cwd=home)[1].strip()
    code, _, err = call("--actor", "li", "approve", case, cwd=home)
    assert code == errors.RefusedError.exit_code
    assert call("--actor", "wang", "approve", case, cwd=home)[0] == 0
    code, out, err = call(
        "--actor", "li", "run", "settle.disburse", f"as_of={day}", "--json", cwd=home
    )
    assert code == 0, err
    assert json.loads(out)["counts"]["entry"] > 0


def test_why_not_is_answered_for_any_pair(home):
    fields = {"project_id": "R", "party_id": "F", "need": 50_000_00, "term_months": 24}
    product = {
        "product_id": "P", "lender_id": "B", "min_amount": 100_000_00, "max_amount": 10**9,
        "step_amount": 100, "min_rate": 0, "max_rate": 200_000, "term_months": 12,
        "capacity": 10**9, "funding_rate": 20_000, "operating_rate": 8_000, "lgd": 450_000,
        "guarantee_cover": 0,
    }  # fmt: skip
    day = dt.date(2024, 1, 1)
    score = {"party_id": "F", "as_of": day, "rule_id": "c", "pd": 10_000, "points": 600,
             "grade": "A", "reasons": [{"code": "score.bin(staff)", "points": 1}]}  # fmt: skip
    party = {"party_id": "F", "kind": "firm", "annual_revenue": 10**9}
    assert call("whynot", "project=R", cwd=home)[0] == errors.NotFoundError.exit_code
    with ld.open(home / "liandong.board") as board:
        board.put("test", {
            n: build(n, {k: [v] for k, v in row.items()})
            for n, row in (("project", fields), ("product", product), ("score", score),
                           ("party", party))
        })  # fmt: skip
        assert call("whynot", "project=R", cwd=home)[0] == errors.DataError.exit_code
        board.run(ld.match.quote, as_of=day)
    code, out, _ = call("whynot", "project=R", "product=P", "--json", cwd=home)
    found = json.loads(out)
    assert (code, found["eligible"], found["nearest"]) == (0, False, "P")
    assert [(r["code"], r["points"]) for r in found["reasons"]] == [
        ("match.need_small", 100_000), ("match.term", 12),
    ]  # fmt: skip
    assert [r["code"] for r in found["changes"]] == [
        "match.change_amount_up", "match.change_term_down",
    ]  # fmt: skip
    code, out, _ = call("--lang", "zh", "whynot", "project=R", cwd=home)
    assert code == 0
    assert "申请金额须提高 50,000 元" in out
    assert call("whynot", "product=P", cwd=home)[0] == errors.UsageError.exit_code
    code, _, err = call("whynot", "project=R", "product=Q", cwd=home)
    assert (code, "no product named 'Q'" in err) == (errors.NotFoundError.exit_code, True)


def test_the_template_is_a_mapping_that_loads(home):
    code, out, _ = call("load", "--template", "region_stat", cwd=home)
    assert code == 0
    assert "region_id" in out


def test_csv_comes_out_whole_and_goes_in_again(home):
    rows = [f"i{i},s,b,2020-01-0{i % 9 + 1},{i}.05,0.01,valid," for i in range(1, 46)]
    head = "invoice_id,seller,buyer,date,net,tax,status,ref"
    (home / "a.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    assert call("load", "invoice", "a.csv", cwd=home)[0] == 0
    (home / "b.csv").write_text(call("table", "invoice", "--csv", cwd=home)[1], encoding="utf-8")
    assert len(json.loads(call("table", "invoice", "--json", cwd=home)[1])) == 45
    assert call("-b", "two.board", "load", "invoice", "b.csv", cwd=home)[0] == 0
    query = "SELECT sum(net) AS fen, count(*) AS n FROM invoice"
    boards = ("liandong.board", "two.board")
    total = [json.loads(call("-b", b, "sql", query, "--json", cwd=home)[1]) for b in boards]
    assert total[0] == total[1] == [{"fen": sum(i * 100 + 5 for i in range(1, 46)), "n": 45}]


def test_bare_numbers_are_yuan_and_shares_on_the_command_line():
    given = pairs(["budget=100_000_000", "micro_share=0.7", "as_of=2020-02-28", "whole=true"])
    assert given == {"budget": "100_000_000", "micro_share": "0.7", "as_of": dt.date(2020, 2, 28),
                     "whole": True}  # fmt: skip
    assert Money.make(given["budget"]) == 10_000_000_000
    assert Rate.make(given["micro_share"]) == 700_000
    with pytest.raises(ValueError):
        Money.make(100_000_000)


@pytest.mark.parametrize(
    ("env", "says"),
    [({"LIANDONG_LANG": "fr"}, "fr"), ({"LIANDONG_WORKERS": "0"}, "LIANDONG_WORKERS")],
)
def test_wrong_settings_are_named(env, says, home):
    code, _, err = call("init", cwd=home, **env)
    assert code == errors.UsageError.exit_code
    assert says in err
    assert "Traceback" not in err


def test_json_is_json_even_for_what_json_does_not_know(home):
    call("init", cwd=home)
    query = "SELECT 'nan'::DOUBLE AS x, sum(v) AS s FROM (VALUES (1), (2)) AS t(v)"
    assert json.loads(call("sql", query, "--json", cwd=home)[1]) == [{"x": None, "s": 3}]


def test_check_of_a_changed_board_is_one_json_and_its_own_exit_code(home):
    call("load", "region_stat", "stat.csv", cwd=home)
    file = next((home / "liandong.board" / "lake" / "region_stat").rglob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-1])
    code, out, _ = call("check", "--json", cwd=home)
    assert code == errors.CheckError.exit_code
    assert len(json.loads(out)["faults"]) == 1


def test_a_closed_pipe_is_no_error(home):
    call("load", "region_stat", "stat.csv", cwd=home)
    shell = f"{sys.executable} -m liandong.cli table region_stat | true"
    done = subprocess.run(
        ["bash", "-c", shell], cwd=home, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr


def test_rows_are_printed_in_full_and_as_they_are(home):
    long = "[bold]" + "x" * 300 + ":smile:"
    (home / "stat.csv").write_text(STAT.replace("test", long), encoding="utf-8")
    call("load", "region_stat", "stat.csv", cwd=home)
    assert long in call("table", "region_stat", cwd=home, COLUMNS="60")[1]
