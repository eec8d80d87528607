"""Lists as files: all rows, columns of the same types whatever is in them, heads without rows."""

import csv
import io
from urllib.parse import parse_qsl, unquote, urlsplit

import pyarrow as pa
import pytest
from starlette.routing import compile_path

import liandong as ld
from liandong.console.pages import PAGES, Page
from liandong.console.query import PAGE_ROWS, Query
from liandong.console.reading import Reader, Reading
from liandong.console.rooms import listed
from liandong.console.twin import stream
from liandong.console.typed import KINDS, Rows
from liandong.errors import NotFoundError, UsageError
from liandong.schema.arrow import arrow_type
from support.addresses import ADDRESS, FIRM
from support.boards import LOAN, OWNED
from support.site import Site

MORE = (
    ("compare", "/compare?regions=330000,310000,810000"), ("chain", "/chain?firm=F000012"),
    ("loan", f"/trace/{LOAN}?by=day&until=2024-03-05&place=A4"), ("firm", FIRM),
    ("chain", "/chain?region=330000&industry=C"), ("desk", "/desk?scenario=micro_plus_5&by=grade"),
    ("statistics", "/statistics?source=own&region=330000"),
    ("agreement", "/agreement/park?text=x"), ("owners", f"/owners/{OWNED}"),
)  # fmt: skip
"""Pages whose lists have more, or nothing, at another address."""
TYPES = {arrow_type(kind) for kind in KINDS}


def lists(reading: Reading, page: Page, address: str) -> dict[str, Rows]:
    """Return the lists of a page as files of them are made; none if the board has no such page."""
    at = urlsplit(address)
    parts = compile_path(page.path)[0].match(unquote(at.path)).groupdict()
    query = Query({**dict(parse_qsl(at.query)), "format": "csv"}, at.path, parts)
    try:
        data = page.data(reading, query)
    except (NotFoundError, UsageError):
        return {}
    return {block: listed(page, block, data[block]) for block in page.blocks}


def reading_of(board: ld.Board) -> Reading:
    return Reader(board).now()


def test_a_list_has_the_same_columns_whatever_is_in_it(site: Site, empty_site: Site) -> None:
    full, empty = reading_of(site.board), reading_of(empty_site.board)
    checked = 0
    pages = {p.name: p for p in PAGES}
    for name, address in [*((n, a) for n, a in ADDRESS.items() if a), *MORE]:
        page, bare = pages[name], address == ADDRESS[name]
        found = lists(full, page, address)
        without = lists(empty, page, address) if bare else {}
        assert found.keys() == set(page.blocks), page.name
        for block, rows in found.items():
            where = f"{address}: {block}"
            columns = rows.schema.names
            assert columns
            assert len(columns) == len(set(columns)), where
            assert set(rows.schema.types) <= TYPES, (where, rows.schema)
            assert {key for row in rows for key in row} <= set(columns), where
            table = pa.ipc.open_stream(stream(rows)).read_all()
            assert (table.schema, table.num_rows) == (rows.schema, len(rows)), where
            if block in without:
                assert without[block].schema == rows.schema, where
            checked += 1
    assert checked > 100


@pytest.mark.parametrize("path", ["/powers", "/inbox", "/jobs", "/compare", "/books", "/backtests"])
def test_a_file_without_rows_has_its_head(empty_site: Site, path: str) -> None:
    sheet = empty_site.get(f"{path}?format=csv").content.decode("utf-8-sig")
    table = pa.ipc.open_stream(empty_site.get(f"{path}?format=arrow").content).read_all()
    assert next(csv.reader(io.StringIO(sheet))) == table.column_names
    assert table.num_rows == len(sheet.splitlines()) - 1 == 0
    assert len(table.column_names) > 3


def test_what_is_nested_is_text_of_json() -> None:
    rows = Rows.of("int.a json.b reasons.c", [
        {"a": 1, "b": {"x": [1]}, "c": [{"code": "k", "points": 2}]}, {"b": "{}"},
    ])  # fmt: skip
    assert pa.ipc.open_stream(stream(rows)).read_all().to_pydict() == {
        "a": [1, None], "b": ['{"x": [1]}', "{}"], "c": [[{"code": "k", "points": 2}], None],
    }  # fmt: skip


def test_a_file_of_the_wall_holds_all_subjects(site: Site) -> None:
    total = site.json("/alerts")["total"]
    sheet = csv.DictReader(io.StringIO(site.get("/alerts?format=csv").text))
    assert sum(1 for _ in sheet) == total > PAGE_ROWS


@pytest.mark.parametrize(
    ("path", "block"), [("/purpose", "purposes"), ("/account", "tokens"), ("/start", "importable")]
)
def test_pages_about_oneself_have_files(site: Site, path: str, block: str) -> None:
    head = site.get(f"{path}?format=csv&block={block}").text.splitlines()[0]
    assert set(head.lstrip("\ufeff").split(",")) & {"purpose", "label", "name"}
    assert not {"token", "secret", "hash"} & set(head.split(","))
