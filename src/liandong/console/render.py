"""From a page's data to HTML in the reader's language, or to its JSON twin."""

import csv
import io
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket

from liandong import __version__
from liandong.console import (
    casefigures,
    caselinks,
    casepictures,
    cells,
    chainpictures,
    datapictures,
    deskpictures,
    disparity,
    disparitypictures,
    experimentpictures,
    factorpictures,
    filters,
    formats,
    marketpictures,
    numbers,
    ownergraph,
    pictures,
    reachpictures,
    settlepictures,
    sharingpictures,
    structurepictures,
    trees,
    watchpictures,
    waterpictures,
)
from liandong.console.links import item_link, row_link, run_link
from liandong.console.pages import ROOMS, STATIONS, Page
from liandong.console.plain import plain
from liandong.console.proposed import UNKNOWN
from liandong.console.query import FILE_ROWS, PAGE_ROWS, PASSING, Query
from liandong.console.radar import radar
from liandong.console.reading import Reading
from liandong.console.regional import atlas
from liandong.console.regional import pictures as regionpictures
from liandong.console.regional.chapters import MONEY
from liandong.console.tracing import pictures as trailpictures
from liandong.console.tracing.sheets import SINKS
from liandong.schema.field import MINOR_UNITS
from liandong.schema.tables import TABLES
from liandong.step.reasons import reason_text, says_points
from liandong.texts import catalogue, text


class _Compiled(FileSystemBytecodeCache):
    """What templates were compiled to, kept where Python keeps what modules were compiled to."""

    def __init__(self) -> None:
        beside = Path(cache_from_source(__file__)).parent
        super().__init__(str(beside), f"%s.jinja-{jinja2.__version__}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give one template if it was kept."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep one template if it can be kept: the place may be read-only."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(parents=True, exist_ok=True)
                super().dump_bytecode(bucket)


@cache
def environment() -> Environment:
    """Return the templates; a name that is not there is an error and not an empty place."""
    found = Environment(
        loader=PackageLoader("liandong.console"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, bytecode_cache=_Compiled(),
    )  # fmt: skip
    found.globals.update(
        columns=cells.columns, column=cells.column, RIGHT=cells.RIGHT, TABLES=TABLES,
        MOST_ROWS=cells.MOST_ROWS, UNKNOWN=UNKNOWN, MINOR_UNITS=MINOR_UNITS,
        STATIONS=STATIONS, ROOMS=ROOMS, PAGE_ROWS=PAGE_ROWS, PASSING=PASSING, numbers=numbers,
        formats=formats, row_link=row_link, run_link=run_link, points=cells.points,
        reason_text=reason_text, texts=catalogue(), item_link=item_link, FILE_ROWS=FILE_ROWS,
        says_points=says_points, version=__version__, pictures=pictures, radar=radar,
        deskpictures=deskpictures, ownergraph=ownergraph, trailpictures=trailpictures,
        SINKS=SINKS, trees=trees, casepictures=casepictures, watchpictures=watchpictures,
        casefigures=casefigures, caselinks=caselinks,
        settlepictures=settlepictures, reachpictures=reachpictures,
        structurepictures=structurepictures,
        disparity=disparity, disparitypictures=disparitypictures,
        chainpictures=chainpictures, datapictures=datapictures,
        experimentpictures=experimentpictures,
        marketpictures=marketpictures, factorpictures=factorpictures, waterpictures=waterpictures,
        regionpictures=regionpictures, MONEY=MONEY, atlas=atlas, sharingpictures=sharingpictures,
    )  # fmt: skip
    return found


def html(
    page: Page, data: dict[str, Any], query: Query, reading: Reading, lang: str,
    theme: str = "", style: str = "",
) -> str:  # fmt: skip
    """Write a page; a paper carries its ``style`` sheet in itself if it is to stand alone."""
    chosen = {n: query.given.get(n, "") for n in filters.NAMES}
    shown = cells.Cells(
        lang, {n: v for n, v in chosen.items() if v}, reading.places, lambda: reading.offices
    )
    options = reading.once(("options",), lambda: filters.options(reading)) if page.filters else {}
    return environment().get_template(f"{page.name}.html").render(
        page=page, data=data, query=query, reading=reading, lang=lang, c=shown, t=shown.t,
        href=shown.href, keep=chosen, sources=data["sources"],
        options=options,
        title=_title(page, lang),
        style=style, theme=theme, ticket=reading.caller.ticket,
    )  # fmt: skip


def api_html(groups: dict[str, list[dict[str, str]]], lang: str, theme: str) -> str:
    """Write the page that lists the operations of the API by group."""
    said = {n: text(f"api.{n}", lang) for n in ("title", "intro", "address", "what")}
    return bare_html("api", lang, Query({}, "/v1"), theme=theme, groups=groups, **said)


def bare_html(name: str, lang: str, query: Query, ticket: str = "", **said: object) -> str:
    """Write a page that shows nothing of a board, by the name of its template."""
    shown = cells.Cells(lang, {}, {})
    return environment().get_template(f"{name}.html").render(
        page={"name": name, "station": "", "filters": ()}, lang=lang, c=shown, t=shown.t,
        href=shown.href, keep={}, sources={}, query=query, ticket=ticket, **said,
    )  # fmt: skip


def sheet(
    rows: list[dict[str, Any]], lang: str, names: Sequence[str], *, on: bool = False
) -> bytes:
    """Write rows as CSV that spreadsheets read: money in fen, rates in ppm, reasons in words.

    Parameters
    ----------
    names
        Of the columns.
    on
        Whether they go on from others: then there is no head.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    if not on:
        writer.writerow(names)
    writer.writerows([_field(row.get(n), lang) for n in names] for row in rows)
    return out.getvalue().encode("utf-8" if on else "utf-8-sig")


def _field(value: object, lang: str) -> object:
    if isinstance(value, list):
        return "; ".join(str(_field(v, lang)) for v in value)
    if isinstance(value, dict):
        if value.keys() == {"code", "points"}:
            return reason_text(value["code"], value["points"], lang)
        return json.dumps(value, ensure_ascii=False, default=plain)
    # A text that a spreadsheet would take for a formula is marked as a text.
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What formulas of spreadsheets begin with."""


def _title(page: Page, lang: str) -> str:
    return text(f"console.page_{page.name}", lang)
