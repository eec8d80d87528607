"""A watch that runs: run it, see how far it is."""

import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liandong.cli import show
from liandong.cli.do import Json, read_toml
from liandong.cli.show import say
from liandong.errors import UsageError
from liandong.texts import both

if TYPE_CHECKING:
    from datetime import datetime

    from liandong.delivery.live import Live


class Action(StrEnum):
    """What to do with a watch."""

    RUN = "run"
    STATUS = "status"
    RULES = "rules"
    CHECK = "check"
    TRY = "try"
    PROPOSE = "propose"


def watch(
    action: Annotated[
        Action,
        typer.Argument(
            help="run: until its source ends; status: how far; rules: in words; check: an"
            " expression; try: a rule file on the board's events; propose: a rule file."
        ),
    ],
    source: Annotated[
        str, typer.Option(help="File, folder or address; `http` takes POST /v1/events.")
    ] = "",
    rules: Annotated[
        Path | None,
        typer.Option(help="Rule file (TOML): windows, rules; until a version is approved."),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the watch.")] = "watch",
    follow: Annotated[bool, typer.Option(help="Wait for what is still to come.")] = False,
    port: Annotated[int, typer.Option(help="Serve /v1/events and /metrics here.", min=0)] = 0,
    sink: Annotated[
        list[str] | None,
        typer.Option(help="Where alerts go: https://…, mailto:a@b?via=host; #level=red filters."),
    ] = None,
    memory: Annotated[
        int,
        typer.Option(help="MB of events in windows; quiet subjects beyond go to the disk.", min=1),
    ] = 1_024,
    when: Annotated[str, typer.Option(help="check: the expression, or JSONLogic.")] = "",
    code: Annotated[str, typer.Option(help="try: the rule that is changed.")] = "",
    reason: Annotated[str, typer.Option(help="propose: why.")] = "",
    as_json: Json = False,
) -> None:
    """Judge events as they come; interrupted in any way, it goes on where it was."""
    if action in {Action.RULES, Action.CHECK, Action.TRY, Action.PROPOSE}:
        _rule(action, name, rules, when, code, reason, as_json=as_json)
        return
    if action is Action.STATUS:
        with show.board() as board:
            state = board.store.books.rows("watch_state", watch=name)
        show.as_json(state) if as_json else _say(state)
        return
    if not source or (source == "http" and not port):
        raise _needs()
    _run(source, rules, name, port, sink or [], memory << 20, follow=follow)
    with show.board() as board:
        state = board.store.books.rows("watch_state", watch=name)
    show.as_json(state) if as_json else _say(state)


def _needs() -> UsageError:
    return UsageError(what=both("fault.watch_needs"), remedy=both("advice.watch_needs"))


def _rule(
    action: Action, name: str, rules: Path | None, when: str, code: str, reason: str, *,
    as_json: bool,
) -> None:  # fmt: skip
    from liandong.cli import ruling

    if action is Action.RULES:
        ruling.rules(name, rules, as_json=as_json)
    elif action is Action.CHECK:
        ruling.check(name, rules, when, as_json=as_json)
    elif rules is None:
        raise _needs()
    elif action is Action.TRY:
        ruling.attempt(name, rules, code, as_json=as_json)
    else:
        ruling.propose(name, rules, reason)


def _run(
    source: str, rules: Path | None, name: str, port: int, sinks: list[str], memory: int, *,
    follow: bool,
) -> None:  # fmt: skip
    from liandong.delivery.addresses import channels_at, inbox_of, source_at
    from liandong.delivery.live import Live, approved_rule
    from liandong.delivery.outbox import Outbox
    from liandong.service.apart import ended
    from liandong.watch.live.rule import WatchRule

    given = None if rules is None else WatchRule.make(**read_toml(rules))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with show.board(create=True) as board:
        rule = approved_rule(board, name) or given
        if rule is None:
            raise _needs()
        inbox = inbox_of(board, name) if source == "http" else None
        to = [c for address in sinks for c in channels_at(address, show.COMMON.lang)]
        with (
            Outbox(board.store, name, to),
            Live(board, name, source_at(source, inbox, follow=follow), rule, memory) as live,
            _served(live, inbox, port) as going,
        ):
            live.run(lambda: stop.is_set() or not going())
            _say_unknown(live.known_from)
            if inbox is not None and not going() and not stop.is_set():
                raise ended(inbox)


def _served(
    live: "Live", inbox: Path | None, port: int
) -> AbstractContextManager[Callable[[], bool]]:
    """Serve what is asked for, and tell if it still goes."""
    from liandong.service.apart import apart
    from liandong.service.intake import create_intake
    from liandong.service.serve import beside

    if not port:
        return nullcontext(lambda: True)
    figures, behind = live.metrics.text, live.metrics.behind
    if inbox is not None:
        return apart(inbox, port, figures, behind)
    return beside(create_intake(None, figures), port)


def _say_unknown(windows: "dict[str, datetime]") -> None:
    for name, at in windows.items():
        known = say("日志不足，自此可知", "the log reaches back too little: known from")
        show.problem(f"{name}: {known} {at}")


def _say(states: list[dict[str, object]]) -> None:
    for s in states:
        show.line(
            say(
                f"{s['watch']}：接收 {s['taken']:,}，隔离 {s['refused']:,}，"
                f"预警 {s['warnings']:,}，事件时钟 {s['clock']}，窗口内存 {s['size']:,} 字节",
                f"{s['watch']}: {s['taken']:,} taken, {s['refused']:,} refused, "
                f"{s['warnings']:,} warnings, newest event {s['clock']}, "
                f"{s['size']:,} bytes of windows",
            )
        )
    if not states:
        show.line(say("尚未运行", "never run"))
