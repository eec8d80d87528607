"""The card of a scorecard as a file of its own: its figures and pictures, no script, no link."""

import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from liandong.console.cells import Cells
from liandong.console.pages import model
from liandong.console.plain import plain_json
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.console.render import environment

if TYPE_CHECKING:
    from liandong.board import Board

STATIC = Path(__file__).parent / "static"


def card_html(board: "Board", rule_id: str, lang: str) -> str:
    """Return the card as HTML that needs nothing else.

    Raises
    ------
    NotFoundError
        If there is no such scorecard on the board.
    """
    plain, rooms, dark = (
        (STATIC / f"{name}.css").read_text("utf-8") for name in ("console", "rooms", "dark")
    )
    whole = f"{plain}{rooms}@media screen and (prefers-color-scheme: dark) {{ {dark} }}"
    style = re.sub(r"\s*\n\s*", "\n", whole)
    with closing(Reading(board, board.store.state())) as reading:
        data, shown = _data(reading, rule_id), Cells(lang, {}, reading.places)
        return environment().get_template("card.html").render(
            data=data, lang=lang, c=shown, t=shown.t, href=shown.href, sources={}, query=Query(),
            head=reading.held.log_head, lineage=data["sources"],
            style=Markup(style),  # noqa: S704 - our own style sheet
        )  # fmt: skip


def card_json(board: "Board", rule_id: str) -> str:
    """Return the card as JSON: what the page shows, by name; see :func:`card_html`."""
    with closing(Reading(board, board.store.state())) as reading:
        return plain_json(_data(reading, rule_id)).decode()


def _data(reading: Reading, rule_id: str) -> Row:
    return model.data(reading, Query(parts={"rule_id": rule_id}))
