"""Trials of a page: one at a time, the last one wanted, kept for a while; and lists as files."""

import csv
from collections.abc import Iterator
from io import StringIO
from threading import Event

import pytest

from liandong.console import trials
from liandong.console.render import sheet
from liandong.console.trials import Trials
from liandong.errors import DataError
from liandong.texts import both

LONG = 30.0


class Work:
    """Work that ends when it is told to, and notes that it was done."""

    def __init__(self, name: str) -> None:
        self.name, self.go, self.done = name, Event(), 0

    def __call__(self) -> tuple[str, ...]:
        assert self.go.wait(LONG)
        self.done += 1
        return (f"{self.name}_a", f"{self.name}_b")


@pytest.fixture
def works() -> Iterator[dict[str, Work]]:
    found = {n: Work(n) for n in "abcd"}
    yield found
    for work in found.values():
        work.go.set()


def test_an_outcome_is_computed_once(works) -> None:
    tried, a = Trials(lambda _: None), works["a"]
    assert tried.ask("a", a, 0.01) is None
    a.go.set()
    assert tried.ask("a", a, LONG).tables == ("a_a", "a_b")
    assert tried.ask("a", a, 0).tables == ("a_a", "a_b")
    assert a.done == 1


def test_of_those_that_wait_only_the_last_is_wanted(works) -> None:
    tried = Trials(lambda _: None)
    for name in "abcd":
        assert tried.ask(name, works[name], 0.01) is None
    for work in works.values():
        work.go.set()
    assert tried.ask("d", works["d"], LONG).tables
    assert [w.done for w in works.values()] == [1, 0, 0, 1]
    assert tried.ask("b", works["b"], LONG).tables  # whoever still wants it asks again


def test_refusals_are_outcomes_and_defects_are_raised(works) -> None:
    def refuse() -> tuple[str, ...]:
        raise DataError(file="quote", what=both("fault.none"), remedy=both("advice.quote_again"))

    def fail() -> tuple[str, ...]:
        raise ZeroDivisionError

    tried = Trials(lambda _: None)
    found = tried.ask("r", refuse, LONG)
    assert found.tables == ()
    assert "quote" in found.refused.text("en")
    with pytest.raises(ZeroDivisionError):
        tried.ask("f", fail, LONG)
    works["a"].go.set()
    assert tried.ask("a", works["a"], LONG).refused is None


def test_old_outcomes_are_forgotten_with_their_tables(works, monkeypatch) -> None:
    monkeypatch.setattr(trials, "KEPT", 2)
    dropped: list[str] = []
    tried = Trials(dropped.append)
    for name in "ab":
        works[name].go.set()
        tried.ask(name, works[name], LONG)
    tried.ask("a", works["a"], LONG)  # asked for again, so b is the older one now
    works["c"].go.set()
    tried.ask("c", works["c"], LONG)
    tried.ask("a", works["a"], LONG)
    assert dropped == ["b_a", "b_b"]
    assert works["a"].done == 1


def test_a_list_becomes_a_sheet_that_spreadsheets_read() -> None:
    rows = [
        {"name": "=cmd()", "amount": -5, "reasons": [{"code": "match.close_call", "points": 0}],
         "terms": {"a": "甲"}, "none": None},
        {"name": "甲,乙", "amount": 7, "reasons": [], "terms": {}, "none": None},
    ]  # fmt: skip
    names = [*rows[0]]
    written = sheet(rows, "en", names)
    assert written.startswith(b"\xef\xbb\xbf")
    first, second = csv.DictReader(StringIO(written.decode("utf-8-sig")))
    assert first["name"] == "'=cmd()"  # not a formula any more
    assert (first["amount"], first["none"]) == ("-5", "")
    assert "close call" in first["reasons"]
    assert first["terms"] == '{"a": "甲"}'
    assert second["name"] == "甲,乙"
    assert sheet([], "zh", names).decode("utf-8-sig") == "name,amount,reasons,terms,none\r\n"
    assert sheet(rows[1:], "en", names, on=True) == written[written.index("甲,乙".encode()) - 1 :]
