"""A name against the negative lists of a board."""

from importlib.util import find_spec
from typing import Annotated, Any

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say
from liandong.cli.values import day_of
from liandong.errors import DataError
from liandong.texts import both
from liandong.types import today


def screen(
    name: Annotated[str, typer.Argument(help="A name, Chinese or in Latin letters.")],
    code: Annotated[str, typer.Option(help="Unified social credit code, if known.")] = "",
    on: Annotated[str, typer.Option(help="Day, as 2025-12-31; today without it.")] = "",
    most: Annotated[int, typer.Option(help="Entries at most.", min=1, max=100)] = 5,
    as_json: Json = False,
) -> None:
    """Say who on the negative lists has, or nearly has, a name, and why; weak ones are marked."""
    from liandong.watch import NameIndex, ScreenRule, on_lists

    rule = ScreenRule(as_of=day_of(on) or today(), pinyin=find_spec("pypinyin") is not None)
    with show.board() as board:
        listed = on_lists(board.table("watchlist").arrow(), rule)
    if not len(listed):
        remedy = both("advice.load_first")
        raise DataError(file="watchlist", what=both("fault.none_on", day=rule.as_of), remedy=remedy)
    names, codes = listed["name"].to_pylist(), listed["credit_code"].to_pylist()
    matches = NameIndex(names, codes, pinyin=rule.pinyin).find(name, code or None, most=most)
    rows = listed.to_pylist()
    found = [
        {**rows[m.row], "score": m.score, "hit": m.score >= rule.threshold,
         "reasons": [_told(*r) for r in m.reasons]} for m in matches
    ]  # fmt: skip
    show.as_json(found) if as_json else _say(found)


def _told(code: str, points: int) -> dict[str, object]:
    from liandong.step.reasons import reason_text

    return {"code": code, "points": points, "text": reason_text(code, points, show.COMMON.lang)}


def _say(found: list[dict[str, Any]]) -> None:
    if not found:
        show.line(say("名单上没有相近的名称", "nothing like it is listed"))
    for row in found:
        mark = "" if row["hit"] else say("（不足以算命中）", " (not enough for a hit)")
        basis = f"  {row['basis']}" if row["basis"] else ""
        entry = f"{row['list_id']} {row['entry_id']}"
        show.line(f"{row['score'] // 10_000:3d}  {row['name']}  {entry}{basis}{mark}")
        for reason in row["reasons"]:
            show.line(f"       {reason['text']}")
