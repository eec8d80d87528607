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
    from liandong.delivery.live import Live


class Action(StrEnum):
    """What to do with a watch."""

    RUN = "run"
    STATUS = "status"


def watch(
    action: Annotated[Action, typer.Argument(help="run: until its source ends; status: how far.")],
    source: Annotated[
        str, typer.Option(help="File, folder or address; `http` takes POST /v1/events.")
    ] = "",
    rules: Annotated[Path | None, typer.Option(help="Rule file (TOML): windows, rules.")] = None,
    name: Annotated[str, typer.Option(help="Name of the watch.")] = "watch",
    follow: Annotated[bool, typer.Option(help="Wait for what is still to come.")] = False,
    port: Annotated[int, typer.Option(help="Serve /v1/events and /metrics here.", min=0)] = 0,
    sink: Annotated[
        list[str] | None, typer.Option(help="Where warnings go: https://…, mailto:a@b?via=host.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Judge events as they come; interrupted in any way, it goes on where it was."""
    if action is Action.STATUS:
        with show.board() as board:
            state = board.store.books.rows("watch_state", watch=name)
        show.as_json(state) if as_json else _say(state)
        return
    if not source or rules is None or (source == "http" and not port):
        what = both("fault.watch_needs")
        raise UsageError(what=what, remedy=both("advice.watch_needs"))
    _run(source, rules, name, port, sink or [], follow=follow)
    with show.board() as board:
        state = board.store.books.rows("watch_state", watch=name)
    show.as_json(state) if as_json else _say(state)


def _run(source: str, rules: Path, name: str, port: int, sinks: list[str], *, follow: bool) -> None:
    from liandong.delivery.addresses import inbox_of, sink_at, source_at
    from liandong.delivery.live import Live
    from liandong.delivery.outbox import Outbox
    from liandong.service.apart import ended
    from liandong.watch.live.rule import WatchRule

    rule = WatchRule.make(**read_toml(rules))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with show.board(create=True) as board:
        inbox = inbox_of(board, name) if source == "http" else None
        to = [sink_at(address, show.COMMON.lang) for address in sinks]
        with (
            Outbox(board.store.books, name, to),
            Live(board, name, source_at(source, inbox, follow=follow), rule) as live,
            _served(live, inbox, port) as going,
        ):
            live.run(lambda: stop.is_set() or not going())
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
    return beside(create_intake(None, figures, behind), port)


def _say(states: list[dict[str, object]]) -> None:
    for s in states:
        show.line(
            say(
                f"{s['watch']}：接收 {s['taken']:,}，隔离 {s['refused']:,}，"
                f"预警 {s['warnings']:,}，事件时钟 {s['clock']}",
                f"{s['watch']}: {s['taken']:,} taken, {s['refused']:,} refused, "
                f"{s['warnings']:,} warnings, newest event {s['clock']}",
            )
        )
    if not states:
        show.line(say("尚未运行", "never run"))
