"""Words and numbers of the console: complete in both languages, and written as each reads them."""

import re
from datetime import UTC, date, datetime

import pytest

from liandong.console import formats
from liandong.console.cells import Cells, columns
from liandong.console.filters import Filter, region_prefix
from liandong.console.links import link, row_link
from liandong.console.query import Query, Where
from liandong.errors import LiandongError, UsageError
from liandong.govern.flags.procurement import KINDS
from liandong.schema.tables import TABLES
from liandong.texts import catalogue
from support.site import Site
from support.source import SRC

CONSOLE = SRC / "liandong" / "console"
TEMPLATES = {p.name: p.read_text("utf-8") for p in (CONSOLE / "templates").glob("*.html")}
ALL_TEXT = " ".join([*TEMPLATES.values(), *(p.read_text("utf-8") for p in CONSOLE.rglob("*.py"))])
GIVEN = re.findall(r"\bt\(['\"](\w+)['\"](?! ~)", ALL_TEXT)
BUILT = set(re.findall(r"['\"](?:console\.)?([a-z]+_)['\"] ~|f\"console\.([a-z]+_)\{", ALL_TEXT))


def test_every_text_of_a_page_exists() -> None:
    assert not {n for n in GIVEN if f"console.{n}" not in catalogue()}


def test_no_text_lies_about_without_a_use() -> None:
    prefixes = tuple(a or b for a, b in BUILT)
    ours = {c.removeprefix("console.") for c in catalogue() if c.startswith("console.")}
    plain = set(GIVEN) | {"total", "between", "within", "yes", "no", "suppliers", "buyers"}
    columns_used = {w for t in TEMPLATES.values() for w in re.findall(r"\w+\.(\w+)", t)}
    measures = {"gdp_per_head", "lent", "alerts", "firms", "ahead"}
    unused = {
        n for n in ours - plain
        if not n.startswith(tuple(p for p in prefixes if p != "col_"))
        and n.removeprefix("col_") not in columns_used | measures
    }  # fmt: skip
    assert not unused


def test_every_choice_has_a_word() -> None:
    for t in TABLES.values():
        for f in t.fields:
            for value in f.choices:
                codes = {f"choice.{t.name}_{f.name}_{value}", f"choice.{value}"}
                assert codes & catalogue().keys(), (t.name, f.name, value)


def _errors(kind: type[LiandongError]) -> set[type[LiandongError]]:
    return {kind}.union(*map(_errors, kind.__subclasses__()))


def test_every_error_has_a_title() -> None:
    assert not {e.code for e in _errors(LiandongError) if f"problem.{e.code}" not in catalogue()}


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (None, "", ""),
        (0, "0 元", "0"),
        (1, "0.01 元", "0.01"),
        (999_999, "9,999.99 元", "9,999.99"),
        (1_000_000, "1.00 万元", "10,000"),
        (1_000_050, "1.00 万元", "10,001"),
        (-12_345_678, "−12.35 万元", "−123,457"),
        (9_999_999_999, "10,000.00 万元", "100,000,000"),
        (10_000_000_000, "1.00 亿元", "100,000,000"),
        (2**63 - 1, "922,337,203.69 亿元", "92,233,720,368,547,760"),
    ],
)
def test_amounts(fen: int | None, zh: str, en: str) -> None:
    assert formats.money(fen, "zh") == zh
    assert formats.money(fen, "en") == en


def test_days_and_times() -> None:
    assert formats.day(date(2020, 2, 28), "zh") == "2020年2月28日"
    assert formats.day(date(2020, 2, 28)) == "28 Feb 2020"
    late = datetime(2020, 12, 31, 20, 5, 9, tzinfo=UTC)
    assert formats.moment(late) == "1 Jan 2021 04:05:09"
    assert formats.moment(late, "zh") == "2021年1月1日 04:05:09"


def test_rates_sizes_and_figures() -> None:
    assert formats.rate(43_500) == "4.35%"
    assert formats.rate(-1) == "−0.00%"
    assert [formats.size(n) for n in (None, 999, 1_500_000, 5 * 10**9)] == [
        "0 B", "999 B", "1.5 MB", "5.0 GB",
    ]  # fmt: skip
    assert formats.measured(-82553.2) == "−82,553"
    assert formats.compact(-123_456_700, "money", "zh") == "−123万"


@pytest.mark.parametrize(
    ("adcode", "prefix"),
    [("", ""), ("100000", ""), ("310000", "31"), ("320500", "3205"), ("310115", "310115"),
     ("429004", "429004")],
)  # fmt: skip
def test_what_lies_in_a_region(adcode: str, prefix: str) -> None:
    assert region_prefix(adcode) == prefix


def test_conditions_grow_with_their_values() -> None:
    f = Filter(region="320500", industry="C39")
    where = f.whose(Where().add("amount > ?", 5), "owner")
    assert str(where) == (
        " WHERE (amount > ?) AND (owner IN (SELECT party_id FROM party WHERE"
        " (starts_with(party.region_id, ?)) AND (starts_with(party.industry, ?))))"
    )
    assert where.values == [5, "3205", "C39"]
    assert str(Filter().whose(Where(), "owner")) == ""


def test_an_address_keeps_what_was_asked() -> None:
    query = Query({"region": "310000", "q": "甲 乙", "page": "3", "lang": "zh"}, "/firms")
    assert query.address() == "/firms?region=310000&q=%E7%94%B2+%E4%B9%99"
    assert query.address(q=None, page=2) == "/firms?region=310000&page=2"
    assert Query({}, "/firms").address(region=None) == "/firms"


def test_numbers_in_addresses_are_plain() -> None:
    for value in ("٣", "1e3", " 7 ", "+1", "1.0"):
        if value.strip() == "7":
            assert Query({"n": value}).whole("n", 1) == 7
        else:
            with pytest.raises(UsageError):
                Query({"n": value}).whole("n", 1)


def test_links_carry_the_filter_but_never_twice() -> None:
    cells = Cells("en", {"region": "310000"}, {})
    assert cells.href("/firms") == "/firms?region=310000"
    assert cells.href("/firms?region=320000") == "/firms?region=320000"
    assert cells.href("/firms", region="320000", x=None) == "/firms?region=320000"
    assert link("party_id", "a/b?c") == "/firm/a%2Fb%3Fc"
    assert link("product_id", "*") is None


def test_keys_are_written_as_they_are_read(site) -> None:
    row = site.json("/table/churn")["rows"][0]
    address = row_link(TABLES["churn"], row)
    assert address.endswith("rate=4%25")
    assert site.json(address)["row"] == row


def test_every_indicator_has_words() -> None:
    assert {f"flag.{code}" for code in KINDS} <= catalogue().keys()


def test_industries_have_their_names() -> None:
    zh, en = Cells("zh", {}, {}), Cells("en", {}, {})
    named = {"C27": "医药", "C2710": "医药 10", "C": "制造", "*": "总计", "Z9910": "Z9910",
             "C13-C15": "C13-C15"}  # fmt: skip
    assert {code: zh.industry(code, {}) for code in named} == named
    assert en.industry("C27", {}) == "Pharmaceuticals"
    # A table of inputs and outputs has codes and names of its own.
    own = {"upstreamness": 2.0, "name": "木材", "name_en": "Wood"}
    assert [c.industry("C16", own) for c in (zh, en)] == ["木材", "Wood"]
    (column,) = columns("party.industry")
    assert zh.cell(column, {"industry": "C27"}) == '<span title="C27">医药</span>'


def test_columns_name_their_fields() -> None:
    found = columns("offer.amount party.name:owner exact.held")
    assert [(c.table, c.name, c.kind, c.key) for c in found] == [
        ("offer", "amount", "money", "amount"), ("party", "name", "text", "owner"),
        ("", "held", "exact", "held"),
    ]  # fmt: skip
    with pytest.raises(KeyError):
        columns("offer.nothing")


def test_a_row_is_found_whose_key_is_called_as_a_part_of_the_path(site: Site) -> None:
    row = site.json("/table/watchlist")["rows"][0]
    found = site.json(row_link(TABLES["watchlist"], row))
    assert (found["name"], found["row"]["name"]) == ("watchlist", row["name"])
    assert link("parent_id", "340000")  # of a region, and not of a lot
    assert not link("parent_id", "Z1#1")
