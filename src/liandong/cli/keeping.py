"""Commands that keep a board: backup, restore."""

from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say
from liandong.errors import CheckError


def backup(
    to: Annotated[Path, typer.Argument(help="Folder that keeps backups.")],
    as_json: Json = False,
) -> None:
    """Copy the board while it is in use; what an earlier backup has is not copied again."""
    from liandong.store.backup import back_up

    with show.board() as board, show.progress(say("备份", "backing up")) as tell:
        made = back_up(board.store, to, tell)
    said = {"backup": made.name, "files": len(made.files), "bytes_new": made.new}
    if as_json:
        show.as_json(said)
        return
    show.line(
        say(
            f"备份 {made.name} 完成：{len(made.files):,} 个文件，新增 {made.new:,} 字节",
            f"backup {made.name}: {len(made.files):,} files, {made.new:,} bytes of them new",
        )
    )


def restore(
    source: Annotated[Path, typer.Argument(help="Folder that keeps backups.")],
    to: Annotated[
        str, typer.Argument(help="New folder, or postgresql:// URL of an empty database.")
    ],
    name: Annotated[str, typer.Option(help="Which backup; the newest without it.")] = "",
    lake: Annotated[Path | None, typer.Option(help="Lake folder of a PostgreSQL board.")] = None,
    as_json: Json = False,
) -> None:
    """Make a board of a backup, and hold everything in it against its hash and its act."""
    from liandong.board import open as open_board
    from liandong.config import settings_now
    from liandong.store.backup import restore as work

    with show.progress(say("恢复", "restoring")) as tell:
        made = work(source, to, name, lake or settings_now().lake, tell)
        lang = cast("Literal['zh', 'en']", show.COMMON.lang)
        with open_board(to, actor=show.COMMON.actor, lang=lang, lake=lake, create=False) as board:
            where, faults = board.store.location, board.check(tell)
    if as_json:
        show.as_json({"backup": made.name, "files": len(made.files), "faults": faults})
    for fault in faults:
        show.problem(fault)
    if faults:
        raise CheckError(board=where, faults=len(faults))
    if not as_json:
        show.line(
            say(f"已由备份 {made.name} 恢复，全部相符", f"restored {made.name}, all in order")
        )
