"""Every registered step, on tables of a real loop: 1, 2, 7 parts, any row order, both stores."""

import json

import pytest

import liandong as ld
from liandong.assess import ScoreRule, to_sql
from liandong.assess.card.score import chosen
from liandong.govern.versions import AGREEMENT, WATCH
from liandong.loop import run_loop, world_dates
from liandong.step.registry import step, steps
from liandong.testing import check_step
from liandong.types import Money
from support.registers import doubled

PAID_OUT = {
    "assess.backtest", "assess.challenge", "assess.drift", "assess.explain", "assess.fit",
    "assess.inclusion", "assess.leak_alarm", "assess.scale", "assess.score", "assess.validate",
    "match.bid_prices", "match.data_limit", "match.decide", "match.experiment", "match.quote",
    "match.receivables", "settle.book", "settle.contract", "settle.deliver", "settle.disburse",
    "settle.share", "settle.statement",
    "trace.bounds", "trace.circles", "trace.follow", "trace.idle", "watch.portfolio",
    "watch.rulebook", "watch.signals", "watch.triage",
}  # fmt: skip
"""Steps that look once more when loans have been paid out: themselves, or what they stand on."""


OWN_CASES = {
    "assess.resolve", "govern.case_tally", "govern.flag_cases",
    "govern.flag_precision", "govern.grant", "govern.procurement_flags", "govern.release",
    "govern.scorecards", "match.experiment", "settle.reconcile",
    "trace.detect", "trace.learn", "watch.backtest", "watch.portfolio", "watch.trial",
}  # fmt: skip
"""Steps that the loop gives nothing to do, or much; most of them have files beside this."""


@pytest.fixture(scope="session")
def looped(tmp_path_factory):
    """A small world on which the loop has run, and the last run of each step."""
    with ld.open(tmp_path_factory.mktemp("loop") / "w.board", actor="tester") as board:
        board.load("world", firms=240, months=30, seed=11, statistics=True)
        runs = run_loop(board, world_dates(board), Money.parse("20_000_000 CNY"))
        assert board.check() == []
        yield board, {r.step: r for r in runs}


def test_resolving_holds_the_conventions(tmp_path, postgres_url, monkeypatch):
    # Nobody is on the books of a world twice, so this step has a case of its own.
    monkeypatch.chdir(tmp_path)
    boards = [str(tmp_path / "s.board"), postgres_url]
    check_step(step("assess.resolve"), {"party": doubled(300, 20)[0]}, boards=boards)


@pytest.mark.parametrize("name", sorted(set(steps()) - OWN_CASES))
def test_step_holds_the_conventions(name, looped, tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the lake of the PostgreSQL board goes here
    board, runs = looped
    chosen = step(name)
    assert name in runs, f"the loop does not run {name}: add it there, or a case of its own here"
    rule = chosen.rule.from_toml(board.table("rule").rows(rule_id=runs[name].rule_id)[0]["toml"])
    # What a step adds to is there from its earlier runs: here it begins with nothing.
    given = {n: board.table(n).arrow() for n in chosen.reads if n not in chosen.writes}
    written = {n: board.table(n).arrow() for n in chosen.writes}
    assert any(len(t) for t in written.values()), "the world gives this step nothing to do"
    check_step(chosen, given, rule, boards=[str(tmp_path / "s.board"), postgres_url])


def test_every_number_of_the_loop_explains_itself(looped):
    board, runs = looped
    for name in ("score", "aim", "quote", "offer", "alert", "gap", "holding", "entry"):
        view = board.table(name)
        row = view.rows()[0]
        why = view.why(**{k: row[k] for k in view.spec.key})
        assert why.run.step in runs
        assert [r.code for r in why.reasons] == [r["code"] for r in row.get("reasons", [])]
        assert all(r.text and "{" not in r.text for r in why.reasons)


def test_running_the_loop_again_changes_nothing(looped):
    board, _ = looped
    names = ("score", "explanation", "aim", "offer", "entry", "alert", "holding", "gap")
    before = {n: board.table(n).arrow() for n in names}
    # Paying out has made loans, and runs have made rules: what reads those looks once more …
    second = run_loop(board, world_dates(board), Money.parse("20_000_000 CNY"))
    assert {r.step for r in second if not r.again} <= PAID_OUT
    # … finds the same, and then there is nothing left to do.
    third = run_loop(board, world_dates(board), Money.parse("20_000_000 CNY"))
    assert [r.step for r in third if not r.again] == []
    assert all(board.table(n).arrow().equals(t) for n, t in before.items())


def test_approvals_and_runs_are_in_the_act_log(looped):
    board, runs = looped
    acts = board.table("act").rows()
    approved = [a for a in acts if a["action"] == "case.approved"]
    cases = [board.table("case").rows(case_id=a["subject"])[0] for a in approved]
    paid = {"settle.deliver", "settle.disburse"}
    assert {c["action"] for c in cases} == {*paid, WATCH.action, AGREEMENT.action}
    assert all(
        c["maker"] != c["checker"] == a["actor"] for a, c in zip(approved, cases, strict=True)
    )
    done = {a["subject"]: json.loads(a["body"]) for a in acts if a["action"] == "run.done"}
    assert all(done[r.run_id]["rule"] == r.rule_id for r in runs.values())
    assert [a["seq"] for a in acts] == list(range(1, len(acts) + 1))


def test_an_exported_scorecard_gives_the_scores_of_the_board(looped):
    board, runs = looped
    rule = ScoreRule.from_toml(
        board.table("rule").rows(rule_id=runs["assess.score"].rule_id)[0]["toml"]
    )
    _, card, scale = chosen(board.table("rule").arrow(), rule)
    sql = to_sql(card, scale.grades, layout="long")
    found = board.sql(
        "SELECT count(*) AS n, count(*) FILTER (q.points = s.points AND q.pd = s.pd"
        f" AND q.grade = s.grade) AS same FROM ({sql}) q JOIN score s USING (party_id, as_of)"
    ).to_pylist()[0]
    assert found["n"] == found["same"] == len(board.table("score"))
