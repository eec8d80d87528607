"""Rules of a watch on the command line: look at them, check an expression, try and propose."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from liandong.cli import show
from liandong.cli.do import read_toml
from liandong.cli.show import say
from liandong.errors import UsageError
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.board import Board
    from liandong.watch.live.rule import WatchRule

FIGURES = ("alerts", "burden", "recall", "lead_median", "precision", "hours")


def rule_at(board: "Board", watch: str, path: Path | None) -> "WatchRule | None":
    """Return the rules of a file, or else those that a watch goes by; None without any."""
    from liandong.delivery.live import approved_rule
    from liandong.watch.live.rule import WatchRule

    if path is not None:
        return WatchRule.make(**read_toml(path))
    approved = approved_rule(board, watch)
    if approved is not None:
        return approved
    ran = board.store.books.rows("watch_state", watch=watch)
    kept = board.store.books.rows("rule", rule_id=ran[0]["rule"]) if ran else []
    return WatchRule.from_toml(kept[0]["toml"]) if kept else None


def rules(watch: str, path: Path | None, *, as_json: bool) -> None:
    """Say the rules of a watch in words, and which versions there are."""
    from liandong.watch.rulebook.telling import of_watch

    with show.board() as board:
        rule = rule_at(board, watch, path)
        told = list(of_watch(rule)) if rule else []
        versions = board.rule_versions(watch)
    if as_json:
        show.as_json({"rules": told, "versions": versions})
        return
    for one in told:
        _say_rule(one)
    for v in versions:
        show.line(
            f"{v['number']} {v['state']} {v['rule']} {v['actor']} {v['case_id']} {v['reason']}"
        )
    if not told:
        show.line(say("尚无规则", "no rules yet"))


def check(watch: str, path: Path | None, when: str, *, as_json: bool) -> None:
    """Check an expression against the windows of a watch; an error says where it is wrong."""
    from liandong.watch.language import Judgement
    from liandong.watch.live.rule import WatchRule
    from liandong.watch.rulebook.telling import of_watch

    if path is not None:
        rule = WatchRule.make(**read_toml(path))
    else:
        with show.board() as board:
            rule = rule_at(board, watch, None) or WatchRule()
    one = Judgement(code="check", when=_needed(when), level="orange")
    (told,) = of_watch(rule.changed(rules=[one.plain()], shadow=[]))
    if as_json:
        show.as_json(told)
        return
    _say_rule(told)
    show.line(f"SQL: {told['sql']}")


def attempt(watch: str, path: Path, code: str, *, as_json: bool) -> None:
    """Hold the rules of a file against those of a watch, on the events of the board."""
    from liandong.watch.live.rule import WatchRule
    from liandong.watch.rulebook.trial import TrialRule, trial

    with show.board() as board:
        now, then = rule_at(board, watch, None), WatchRule.make(**read_toml(path))
        rule = TrialRule.make(now=now and now.plain(), then=then.plain(), code=code)
        found = trial(*(board.store.read(n) for n in trial.reads), rule=rule)
    points, subjects = (found[n].to_pylist() for n in trial.writes)
    if as_json:
        show.as_json({"points": points, "subjects": subjects})
        return
    for p in points:
        if p["kind"] == "rules":
            show.line(f"{p['study']:10} " + " ".join(f"{n}={_short(p[n])}" for n in FIGURES))
    for change, words in (("new", say("新增", "new")), ("gone", say("不再", "gone"))):
        named = [s["subject_id"] for s in subjects if s["change"] == change]
        show.line(f"{words} {len(named):,}: {', '.join(named[:20])}")
    if not points:
        show.line(say("没有监测事件", "no events on the board"))


def propose(watch: str, path: Path, reason: str) -> None:
    """Ask that a watch go by the rules of a file; prints the case."""
    from liandong.watch.live.rule import WatchRule

    rule = WatchRule.make(**read_toml(path))
    with show.board(create=True) as board:
        show.line(board.propose_rules(watch, rule, reason))


def _needed(when: str) -> str:
    if not when.strip():
        raise UsageError(what=both("fault.no_change"), remedy=both("advice.no_change"))
    return when


def _say_rule(one: dict[str, Any]) -> None:
    words = say(one["zh"], one["en"])
    shadow = say("（影子）", " (shadow)") if one["shadow"] else ""
    show.line(f"{one['code']} {one['level']}{shadow}: {words}")
    show.line(f"  {one['when']}")


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
