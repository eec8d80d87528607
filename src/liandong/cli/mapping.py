"""Base maps of one's own on the command line: map check, map use, map draw."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say
from liandong.errors import DataError, UsageError
from liandong.texts import both


class Action(StrEnum):
    """What to do."""

    CHECK = "check"
    USE = "use"
    DRAW = "draw"


def map(  # noqa: A001 - the name of the command
    action: Annotated[Action, typer.Argument(help="What to do.")],
    file: Annotated[Path, typer.Argument(help="check, use: GeoJSON; draw: the SVG to write.")],
    approval: Annotated[str, typer.Option(help="use: approval number, GS(2024)0001号.")] = "",
    measure: Annotated[str, typer.Option(help="draw: such as region_money.lent.")] = "",
    period: Annotated[str, typer.Option(help="draw: the newest without it.")] = "",
    level: Annotated[str, typer.Option(help="draw: province, city or county.")] = "",
    public: Annotated[
        bool, typer.Option("--public", help="draw: refuse a map without an approval number.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check a base map, put it on the board, or draw on it; check ends with code 1 at faults."""
    if action is Action.CHECK:
        _check(file, as_json=as_json)
    elif action is Action.USE:
        _use(file, approval)
    else:
        _draw(file, public=public, measure=measure, period=period, draw=level)


def _check(file: Path, *, as_json: bool) -> None:
    from liandong.load.basemap import read_map
    from liandong.schema.tables import TABLES

    found = read_map(file)
    if as_json:
        show.as_json(found.faults)
    elif found.faults:
        show.rows(TABLES["load_error"], found.faults)
    else:
        n = sum(1 for f in found.features if f.code)
        english = f"{n} units; all 34 provincial units and the southern islands are there"
        show.line(say(f"{n} 个单元，34 个省级单元与南海诸岛齐全", english))
    if found.faults:
        raise typer.Exit(1)


def _use(file: Path, approval: str) -> None:
    from liandong.load.basemap import read_map, tables

    with show.board(create=True) as board:
        known = set(board.table("region").arrow()["region_id"].to_pylist())
        found = read_map(file, known)
        if found.faults:
            first = {lang: found.faults[0][f"reason_{lang}"] for lang in ("zh", "en")}
            raise DataError(
                file=file.name,
                row=found.faults[0]["row"] or None,
                what=both("fault.map_incomplete", n=len(found.faults), first=first),
                remedy=both("advice.map_check"),
            )
        board.put(f"map {found.level}", tables(found, approval.strip() or None))
    english = f"the base map is on the board, approved as {approval or '–'}"
    show.line(say(f"底图已放上棋盘，审图号：{approval or '无'}", english))


def _draw(file: Path, *, public: bool, **asked: str) -> None:
    from liandong.console.mapsheet import map_svg

    with show.board() as board:
        drawn, number = map_svg(board, show.COMMON.lang or "zh", **asked)
    if public and not number:
        raise UsageError(what=both("fault.no_approval"), remedy=both("advice.map_approval"))
    show.document(drawn, file)
