"""The ``liandong`` command."""

import json
import os
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from liandong import __version__
from liandong.cli import (
    agreeing,
    alerting,
    appealing,
    ask,
    books,
    casing,
    common,
    credentials,
    do,
    doctor,
    dossier,
    exchange,
    keeping,
    ledger,
    mandating,
    mapping,
    model,
    papers,
    pledges,
    proof,
    screening,
    sealing,
    show,
    users,
    watch,
    whynot,
)
from liandong.errors import LiandongError, UsageError
from liandong.texts import LANGUAGES, both, deeds

app = typer.Typer(
    name="liandong",
    help="联动 · Linked regional development: assess, match, settle, watch, trace, survey, govern.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help starts in a third of the time
    pretty_exceptions_enable=False,
)


class Form(StrEnum):
    """How a log is written."""

    TEXT = "text"
    JSON = "json"


def _version(wanted: bool) -> None:
    if wanted:
        show.line(f"liandong {__version__}")
        raise typer.Exit


@app.callback()
def begin(
    board: Annotated[
        str,
        typer.Option("--board", "-b", envvar="LIANDONG_BOARD", help="Folder or postgresql:// URL."),
    ] = "liandong.board",
    actor: Annotated[
        str, typer.Option(envvar="LIANDONG_ACTOR", help="Who acts; the user of the machine.")
    ] = "",
    lang: Annotated[str, typer.Option(envvar="LIANDONG_LANG", help="zh or en.")] = "",
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show and leave.")
    ] = False,
) -> None:
    """Take the options that every command shares."""
    del version
    show.COMMON = show.Common(board, actor or None, _language(lang))


def _language(wanted: str) -> str:
    """Return the language asked for, or else that of the terminal."""
    if wanted in LANGUAGES:
        return wanted
    if wanted:
        what = both("fault.language", wanted=wanted)
        raise UsageError(what=what, remedy=both("advice.known", known=", ".join(LANGUAGES)))
    local = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "zh" if local.startswith("zh") else "en"


COMMANDS: tuple[Callable[..., None], ...] = (
    *(do.init, do.load, do.run, do.propose, do.approve, do.reject, do.withdraw),
    *(model.leaks, model.card, model.export),
    *(ask.table, ask.why, ask.sql, ask.runs, ask.steps, ask.check),
    *(papers.letter, papers.report),
    *(dossier.paths, dossier.dossier),
    *(whynot.whynot, proof.certificate, pledges.pledges, common.common, exchange.entities),
    *(screening.screen, alerting.alerts, alerting.snooze, casing.cases, watch.watch),
    *(sealing.log, agreeing.agreement, ledger.ledger, books.journal, mandating.powers),
    *(appealing.appeals, credentials.credential),
    mapping.map,
    *(keeping.backup, keeping.restore, doctor.doctor),
    users.users,
)
for command in COMMANDS:
    app.command()(command)


@app.command()
def demo(
    once: Annotated[bool, typer.Option(help="End instead of serving.")] = False,
    firms: Annotated[int, typer.Option(min=100, help="Size of the world.")] = 5000,
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 7,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the console.")] = 8000,
    fresh: Annotated[bool, typer.Option(help="Begin anew.")] = True,
) -> None:
    """Make a small world, run the loop, say what came out, and serve the console."""
    from liandong.cli.demo import demo as work

    work(
        once=once or bool(os.environ.get("DEMO_ONCE")),
        firms=firms,
        seed=seed,
        port=port,
        fresh=fresh,
    )


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    socket: Annotated[
        Path | None, typer.Option(help="Listen here instead, for a reverse proxy.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    log: Annotated[Form, typer.Option(help="How the log is written, to the error stream.")] = (
        Form.TEXT
    ),
    login: Annotated[
        bool, typer.Option("--login", help="Have everybody log in, even if nobody was added yet.")
    ] = False,
) -> None:
    """Serve the console and the API of the board."""
    from liandong.service.serve import Listen
    from liandong.service.serve import serve as work

    listen = Listen(host, port, socket, workers)
    work(show.COMMON.board, listen, show.COMMON.lang, show.COMMON.actor, log.value, login=login)


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="Which benchmark; without one they are listed.")] = "",
    quick: Annotated[bool, typer.Option(help="End within 50 seconds.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print flat JSON.")] = False,
) -> None:
    """Run a benchmark and print its figures."""
    from liandong.cli.bench import bench as work

    work(name, quick=quick, as_json=as_json)


def run() -> None:
    """Run the command line; errors of the tree end with their exit code, without a traceback."""
    try:
        app()
    except LiandongError as error:
        said = error.text(show.COMMON.lang, **deeds(error.params))
        if "--json" in sys.argv:
            show.line(json.dumps({"error": error.code, "message": said}, ensure_ascii=False))
        show.problem(said)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of the output has gone; nothing is left to say
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - lives until the process ends
        sys.exit(0)
    except Exception as error:  # the last resort: a defect, told without a traceback
        if os.environ.get("LIANDONG_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}"
        show.problem(
            show.say(
                f"程序缺陷：{what}。设 LIANDONG_DEBUG=1 重试可得详情，请据此报告。",
                f"a defect of liandong: {what}; try again with LIANDONG_DEBUG=1 and report it",
            )
        )
        sys.exit(LiandongError.exit_code)
