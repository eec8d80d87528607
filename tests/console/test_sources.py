"""Every chart is a table and a file, too; every number leads to a run. Held by all pages."""

import re
from functools import cache
from urllib.parse import quote_plus

import pytest

from support.addresses import texts
from support.drawn import Drawn
from support.site import Site

PAPERS = re.compile(r"/(letter|report)$|^/offer\?")
"""Papers are printed: the pages of their firms have the tables and the files."""
PEOPLE = re.compile(r"^/powers")
"""What people wrote down leads to their acts: no run made it."""
RUN = re.compile(r"/run/|/runs\?table=")


@cache
def drawn(site: Site) -> dict[str, Drawn]:
    return {path: Drawn(text) for path, text in texts(site).items()}


def test_every_chart_is_a_table_and_a_file(site: Site) -> None:
    files, charts = set(), 0
    for path, page in drawn(site).items():
        if PAPERS.search(path):
            continue
        assert page.bare == [], path
        for figure in (f for f in page.figures if f.charts):
            charts += 1
            own = {href for href in figure.tools if "format=csv" in href}
            assert own, (path, figure)
            assert figure.tools >= {"table", "png"}, (path, figure)
            files |= own
    assert charts > 100
    assert len(files) > 50
    for href in files:
        assert site.get(href).status_code == 200, href


def test_a_chart_on_a_paper_says_where_it_is_a_table_and_a_file(site: Site) -> None:
    text = site.get("/firm/F000012/report").text
    assert len(Drawn(text).bare) == text.count("This picture as a table and as files") == 2
    shown = Drawn(site.get("/firm/F000012").text).figures
    assert sum(len(f.charts) for f in shown) == 2


def test_a_page_with_numbers_leads_to_a_run(site: Site) -> None:
    for path, page in drawn(site).items():
        found = any(RUN.match(a) for a in page.links)
        assert found or not page.numbers or PEOPLE.match(path), path


@pytest.mark.parametrize(
    "path",
    ["/firms", "/models", "/agreement/park", "/compare?regions=330000,310000", "/map",
     "/firm/F000012/letter", "/firm/F000012/report", "/offer?project_id=R000001"],
)  # fmt: skip
def test_a_page_names_all_that_it_was_read_from(site: Site, path: str) -> None:
    links, sources = Drawn(site.get(path).text).links, site.json(path)["sources"]
    assert any(sources.values())
    for table, runs in sources.items():
        to = (f"/runs?table={table}", *(f"/run/{r}" for r in runs))
        assert not runs or any(a.startswith(to) for a in links), table


@pytest.mark.parametrize(
    ("path", "table"), [("/firms?sort=risk", "score"), ("/firms?on=2001-01-01", "party")]
)
def test_every_firm_of_the_list_says_why(site: Site, path: str, table: str) -> None:
    rows, links = site.json(path)["rows"], Drawn(site.get(path).text).links
    assert rows
    for row in rows:
        of = f"party_id={quote_plus(row['party_id'])}"
        assert any(a.startswith(f"/table/{table}/row?") and of in a for a in links), row
