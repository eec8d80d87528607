"""Appeals against rows that count against somebody, and what became of them."""

from enum import StrEnum
from typing import Annotated

import typer

from liandong.cli import show
from liandong.cli.casing import full
from liandong.cli.do import Json
from liandong.cli.show import say


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    FILE = "file"
    UPHOLD = "uphold"
    DISMISS = "dismiss"


def appeals(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    appeal: Annotated[
        str, typer.Argument(help="uphold, dismiss: the appeal, or the beginning of its id.")
    ] = "",
    table: Annotated[str, typer.Option(help="file: alert_case, case or power_act.")] = "alert_case",
    item: Annotated[str, typer.Option(help="file: the key of the row.")] = "",
    holder: Annotated[str, typer.Option(help="file: whom it counts against; the actor.")] = "",
    reason: Annotated[str, typer.Option(help="file, uphold, dismiss: why.")] = "",
    as_json: Json = False,
) -> None:
    """List appeals, file one, or decide one that concerns others."""
    with show.board() as board:
        if action is Action.FILE:
            item = full(board, item) if table == "alert_case" else item
            appeal = board.appeals.file(table, item, holder or board.actor, reason)
        elif action is not Action.LIST:
            known = [r["appeal_id"] for r in board.appeals.rows()]
            begun = [i for i in known if appeal and i.startswith(appeal)]
            appeal = begun[0] if len(begun) == 1 else appeal
            board.appeals.decide(appeal, uphold=action is Action.UPHOLD, reason=reason)
        found = [r for r in board.appeals.rows() if appeal in {"", r["appeal_id"]}]
    if as_json:
        show.as_json(found)
        return
    heads = [say("申诉", "appeal"), say("结果", "state"), say("表", "table"), say("事项", "item"),
             say("责任人", "holder"), say("申诉人", "filed by"), say("理由", "reason"),
             say("裁定理由", "ruling")]  # fmt: skip
    names = ("appeal_id", "state", "table_name", "item", "holder", "actor", "reason")
    show.grid(heads, (
        [*(str(r[n]) for n in names), r["ruling"]["reason"] if r["ruling"] else "–"] for r in found
    ))  # fmt: skip
