"""Letters and reports as files that stand alone: one page of HTML with its own style sheet."""

from typing import TYPE_CHECKING

from liandong.console import render
from liandong.console.pages import PAGES
from liandong.console.query import Query
from liandong.console.reading import Reading
from liandong.console.rooms import STATIC

if TYPE_CHECKING:
    from liandong.board import Board


def paper(board: "Board", name: str, party_id: str, lang: str, **asked: str) -> str:
    """Write a paper about a firm.

    Parameters
    ----------
    board
        Where it is known.
    name
        ``letter`` or ``report``.
    party_id
        The firm.
    lang
        ``zh`` or ``en``.
    **asked
        ``on``: the newest score up to this day; ``sender`` and ``contact`` of a letter.

    Raises
    ------
    NotFoundError
        If the firm has no score, or nothing explains it.
    """
    page = next(p for p in PAGES if p.name == name)
    query = Query({n: v for n, v in asked.items() if v}, parts={"party_id": party_id})
    reading = Reading(board, board.store.state())
    try:
        style = (STATIC / "print.css").read_text("utf-8")
        return render.html(page, page.data(reading, query), query, reading, lang, style=style)
    finally:
        reading.close()
