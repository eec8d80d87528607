"""The command that looks whether a machine and a board are fit for use: doctor."""

from typing import TYPE_CHECKING, Annotated

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say
from liandong.texts import text

if TYPE_CHECKING:
    from liandong.store.checkup import Finding


def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Check the whole board, too.")] = False,
    port: Annotated[int, typer.Option(help="Port that shall be free; 0: none.", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """Look over this machine and the board; ends with an error if anything has to be mended."""
    from liandong.cli.machine import machine
    from liandong.config import settings_now
    from liandong.store.checkup import checkup

    settings = settings_now()
    board = checkup(show.COMMON.board, settings.lake, settings.disk_floor, deep=deep)
    found = [*machine(port), *board]
    if as_json:
        show.as_json([_row(f) for f in found])
    else:
        heads = say("检查,结果,情况,怎么办", "what,how,found,what to do").split(",")
        show.grid(heads, ([*_row(f).values()] for f in found))
    if any(f.how == "fail" for f in found):
        raise typer.Exit(1)


def _row(f: "Finding") -> dict[str, str]:
    lang = show.COMMON.lang
    name = text(f"finding.{f.what}", lang)
    return {"what": name, "how": f.how, "found": f.found[lang], "remedy": f.remedy(lang)}
