"""Commands that only read a board: table, why, sql, runs, steps, check."""

from pathlib import Path
from typing import Annotated

import typer

from liandong.cli import mandating, proof, sealing, show
from liandong.cli.do import Json, pairs
from liandong.cli.show import say
from liandong.errors import CheckError, UsageError
from liandong.texts import both

Keys = Annotated[list[str] | None, typer.Argument(help="FIELD=VALUE to choose rows.")]


def table(
    name: Annotated[str, typer.Argument(help="Table; without rows it shows its fields.")],
    keys: Keys = None,
    limit: Annotated[
        int, typer.Option(help="Rows at most; 20 on the screen, all as JSON or CSV.", min=-1)
    ] = -1,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Show the current rows of a table."""
    with show.board() as board:
        view = board.table(name)
        if as_csv or as_json:
            board.powers.need("export.table", name)
        found = view.where(**pairs(keys or []))
        most = 20 if limit < 0 and not (as_json or as_csv) else limit
        rows = (found.slice(0, most) if most >= 0 else found).to_pylist()
    if as_json:
        show.as_json(rows)
    elif as_csv:
        show.as_csv(view.spec, rows)
    else:
        show.rows(view.spec, rows)
        show.line(
            say(
                f"共 {len(found):,} 行，显示 {len(rows):,} 行",
                f"{len(rows):,} of {len(found):,} rows",
            )
        )


def why(
    name: Annotated[str, typer.Argument(help="Table.")],
    keys: Annotated[list[str], typer.Argument(help="FIELD=VALUE that names one row.")],
    as_json: Json = False,
) -> None:
    """Explain one row: its reasons, the run that wrote it, and what that run read."""
    with show.board() as board:
        found = board.table(name).why(**pairs(keys))
        spec = board.table(name).spec
    if as_json:
        show.as_json(found)
        return
    for f in spec.fields:
        if f.kind != "reasons":
            show.line(f"{say(f.zh, f.en):24} {show.value(f, found.row)}")
    for reason in found.reasons:
        show.line(f"  {reason.points:+6d}  {reason.text}")
    if found.run:
        r = found.run
        show.line(
            say(
                f"由 {r.actor} 运行 {r.step}（{r.run_id}，规则 {r.rule_id}，程序 {r.version}）得出",
                f"by {r.step} ({r.run_id}, rule {r.rule_id}, code {r.version}), run by {r.actor}",
            )
        )
    for source, runs in found.inputs.items():
        made = ", ".join(f"{r.step} {r.run_id}" for r in runs)
        show.line(f"  ← {source}: {made}" if made else f"  ← {source}")


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT over the tables.")],
    as_json: Json = False,
) -> None:
    """Run a SQL query over the tables of the board."""
    with show.board() as board:
        found = board.sql(query)
    if as_json:
        show.as_json(found.to_pylist())
    else:
        show.grid(found.column_names, ([str(v) for v in r.values()] for r in found.to_pylist()))


def runs(as_json: Json = False) -> None:
    """List all runs, oldest first."""
    with show.board() as board:
        found = board.runs()
    if as_json:
        show.as_json([r.__dict__ for r in found])
        return
    heads = say("运行,步骤,分部,状态,操作人,秒", "run,step,part,status,actor,seconds").split(",")
    show.grid(
        heads,
        ([r.run_id, r.step, r.part, r.status, r.actor, f"{r.seconds or 0:.2f}"] for r in found),
    )


def steps() -> None:
    """List all steps with what they read and write."""
    from liandong.step.registry import steps as known

    heads = say("步骤,方式,读,写", "step,kind,reads,writes").split(",")
    show.grid(
        heads, ([s.name, s.kind, ", ".join(s.reads), ", ".join(s.writes)] for s in known().values())
    )


def check(
    what: Annotated[
        str, typer.Argument(help="certificate, evidence or log; all of the board without it.")
    ] = "",
    file: Annotated[Path | None, typer.Argument(help="The certificate or document.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of quote, product and offer; else the board.")
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option(help="log: keys trusted, as `liandong log key` prints them.")
    ] = None,
    witnesses: Annotated[
        int, typer.Option(help="log: so many of them must have signed.", min=0)
    ] = 0,
    as_json: Json = False,
) -> None:
    """Hold everything against its hash and its act; ends with an error if anything is off."""
    if what == "log":
        sealing.check_log(key or [], witnesses, as_json=as_json)
        return
    if what == "evidence" and file:
        mandating.check_evidence(file, as_json=as_json)
        return
    if what or file or data:
        if what not in proof.KINDS or file is None:
            raise UsageError(what=both("fault.check_what"), remedy=both("advice.check_what"))
        proof.check_certificate(file, data, as_json=as_json)
        return
    with show.board() as board, show.progress(say("核对", "checking")) as tell:
        found = board.check(tell)
        head = board.log.head()
        where = board.store.location
    if as_json:
        show.as_json({"faults": found, "log_head": head})
        if found:
            raise typer.Exit(CheckError.exit_code)
        return
    for fault in found:
        show.problem(fault)
    if found:
        raise CheckError(board=where, faults=len(found))
    show.line(say(f"全部相符；留痕树头 {head}", f"all in order; head of the act log {head}"))
