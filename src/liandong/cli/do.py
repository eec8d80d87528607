"""Commands that change a board: init, load, run, propose, approve, reject, withdraw."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from liandong.cli import show
from liandong.cli.show import say
from liandong.errors import UsageError
from liandong.texts import both, unread

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Compute and check, write nothing.")]


def init(
    lake: Annotated[Path | None, typer.Option(help="Lake folder of a PostgreSQL board.")] = None,
) -> None:
    """Make a new board (or bring an older one up to date)."""
    from liandong.board import open as open_board

    with open_board(show.COMMON.board, actor=show.COMMON.actor, lake=lake) as board:
        show.line(
            say(f"棋盘已就绪：{board.store.location}", f"board ready: {board.store.location}")
        )


def load(
    source: Annotated[str, typer.Argument(help="Source or table; `liandong load list` shows all.")],
    path: Annotated[Path | None, typer.Argument(help="File or folder.")] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="Mapping file (TOML) of your own data.")
    ] = None,
    encoding: Annotated[
        str, typer.Option(help="utf-8, utf-8-sig, gb18030; found out if empty.")
    ] = "",
    sheet: Annotated[str, typer.Option(help="Of a workbook; the first if empty.")] = "",
    option: Annotated[
        list[str] | None, typer.Option("--set", help="KEY=VALUE for the source, e.g. firms=2000.")
    ] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Print an empty mapping file for a table.")
    ] = False,
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Load foreign data; wrong rows go to the table `load_error`, the rest loads."""
    if template or source == "list":
        return _describe(source, template=template)
    options = pairs(option or [])
    options |= {"mapping": mapping} if mapping else {}
    options |= {"encoding": encoding} if encoding else {}
    options |= {"sheet": sheet} if sheet else {}
    with show.board(create=True) as board, show.progress(say("导入", "loading")) as tell:
        run = board.load(source, path, dry_run=dry_run, progress=tell, **options)
    _told(run, as_json=as_json)
    if (run.counts or {}).get("refused"):
        show.problem(
            say(
                "问题行及处理办法：liandong table load_error",
                "what was refused and why: liandong table load_error",
            )
        )
    return None


def _describe(source: str, *, template: bool) -> None:
    from liandong.load import SOURCES
    from liandong.load import template as blank

    if template:
        show.line(blank(source))
        return
    for name, about in SOURCES.items():
        show.line(f"{name:14} {say(about.zh, about.en)}")


def run(
    step: Annotated[str, typer.Argument(help="Step, such as assess.score; see `liandong steps`.")],
    values: Annotated[list[str] | None, typer.Argument(help="KEY=VALUE of its rule.")] = None,
    rule: Annotated[Path | None, typer.Option(help="Rule file (TOML).")] = None,
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Run a step on the current tables."""
    from liandong.step.registry import step as named

    chosen = named(step)
    given = pairs(values or [])
    if rule:
        given = {**read_toml(rule), **given}
    with show.board() as board, show.progress(step) as tell:
        made = chosen.rule.make(**given)
        done = board.run(chosen, rule=made, dry_run=dry_run, progress=tell)
    _told(done, as_json=as_json)


def propose(step: Annotated[str, typer.Argument(help="Step that needs an approval.")]) -> None:
    """Ask for the approval that a step needs; prints the case."""
    from liandong.step.registry import step as named

    with show.board() as board:
        show.line(board.propose(named(step)))


def approve(case: Annotated[str, typer.Argument(help="Case, as `propose` printed it.")]) -> None:
    """Approve a case that somebody else made."""
    _decide(case, approve=True)


def reject(
    case: Annotated[str, typer.Argument(help="Case, as `propose` printed it.")],
    reason: Annotated[str, typer.Option(help="Why; the closing of a case needs one.")] = "",
) -> None:
    """Reject a case that somebody else made."""
    _decide(case, approve=False, reason=reason)


def withdraw(case: Annotated[str, typer.Argument(help="Case, as `propose` printed it.")]) -> None:
    """Take back a case that one made oneself, as long as nobody has decided it."""
    with show.board() as board:
        board.withdraw(case)
        show.line(f"{case} {say('已撤回', 'withdrawn')} ({board.actor})")


def _decide(case: str, *, approve: bool, reason: str = "") -> None:
    with show.board() as board:
        board.decide(case, approve=approve, reason=reason)
        state = say("已批准", "approved") if approve else say("已驳回", "rejected")
        show.line(f"{case} {state} ({board.actor})")


def pairs(words: list[str]) -> dict[str, Any]:
    """Read ``KEY=VALUE`` words, see :func:`.value_of`.

    Raises
    ------
    UsageError
        If a word has no equals sign.
    """
    from liandong.step.given import value_of

    found: dict[str, Any] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign:
            raise UsageError(what=both("fault.not_a_pair", word=word), remedy=both("advice.pair"))
        found[key] = value_of(value)
    return found


def read_toml(path: Path) -> dict[str, Any]:
    """Read a rule file; UsageError says why it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        what = both("fault.rule_file", path=path, why=unread(error))
        raise UsageError(what=what, remedy=both("advice.rule_file")) from error


def _told(run: Any, *, as_json: bool) -> None:  # noqa: ANN401 - Run; importing it costs start-up time
    if as_json:
        show.as_json({**run.__dict__, "seconds": run.seconds})
        return
    counts = ", ".join(f"{n} {c:,}" for n, c in sorted((run.counts or {}).items()))
    state = say("（此前已完成，未重复）", " (done before, not repeated)") if run.again else ""
    show.line(f"{run.step} {run.status} {run.run_id} {run.seconds or 0:.2f} s{state}: {counts}")
