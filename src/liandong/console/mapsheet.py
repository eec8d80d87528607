"""A map as a file of its own: SVG with its colours and its approval number in itself."""

from contextlib import closing
from typing import TYPE_CHECKING

from liandong.console.cells import Cells
from liandong.console.pages import mapped
from liandong.console.query import Query
from liandong.console.reading import Reading
from liandong.console.render import environment
from liandong.errors import UsageError
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.board import Board


def map_svg(board: "Board", lang: str, **asked: str) -> tuple[str, str | None]:
    """Draw a measure on the user's base map; return the SVG and the approval number of the map.

    Parameters
    ----------
    **asked
        ``measure``, ``period``, ``draw`` (the level), ``flows``, ``n`` as on the page of the map.

    Raises
    ------
    UsageError
        If the board has no base map, or no such measure or period.
    """
    query = Query({n: v for n, v in asked.items() if v})
    with closing(Reading(board, board.store.state())) as reading:
        data = mapped.data(reading, query)
        if data["drawn"] == mapped.TILES or data["measure"] is None:
            raise UsageError(what=both("fault.no_base_map"), remedy=both("advice.map_use"))
        shown = Cells(lang, {}, reading.places)
        drawn = environment().get_template("mapsheet.html").render(
            data=data, lang=lang, c=shown, t=shown.t, href=shown.href, sources={}, query=query,
        )  # fmt: skip
    return drawn.strip() + "\n", data["approval"]
