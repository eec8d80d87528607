"""Screening: one edit is always found, nothing depends on order, odd names do no harm."""

import random
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.names.alike import apart, jaro_winkler
from liandong.kernels.names.keys import looked_up, name_keys
from liandong.schema.arrow import build
from liandong.testing import check_step
from liandong.watch import NameIndex, ScreenRule, screen

DAY = date(2026, 1, 1)
HAN = "恒泰华盛兴隆瑞祥"


def codes(text: str) -> np.ndarray:
    return np.array([ord(c) for c in text], np.int32)


def edits(a: str, b: str) -> int:
    """Return the edits between two texts, swaps of neighbours included, by the full table."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        rows.append([i])
        for j, y in enumerate(b, 1):
            best = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (x != y))
            if i > 1 and j > 1 and (a[i - 2], a[i - 1]) == (y, b[j - 2]):
                best = min(best, rows[i - 2][j - 2] + 1)
            rows[i].append(best)
    return rows[-1][-1]


def edited(name: str, rng: random.Random, letters: str) -> str:
    """Return a name with one character changed, added, dropped, or swapped with the next."""
    at = rng.randrange(len(name))
    new = rng.choice(letters)
    return rng.choice([
        name[:at] + new + name[at + 1 :], name[:at] + new + name[at:], name[:at] + name[at + 1 :],
        name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :],
    ])  # fmt: skip


WORDS = st.text("abc", max_size=6)


@settings(deadline=None)
@given(WORDS, WORDS)
def test_apart_is_the_distance_cut_at_two(a: str, b: str) -> None:
    assert apart(codes(a), codes(b)) == min(edits(a, b), 2)


@settings(deadline=None)
@given(st.lists(st.text("abcd", min_size=3, max_size=6), min_size=1, max_size=12), WORDS)
def test_names_one_edit_apart_share_a_key(names: list[str], asked: str) -> None:
    def keys(given: list[str]) -> tuple[np.ndarray, np.ndarray]:
        start = np.append(0, np.cumsum([len(n) for n in given])).astype(np.int64)
        return name_keys(codes("".join(given)), start, np.arange(len(start)), 3, 1)

    found, rows = keys(names)
    order = np.argsort(found, kind="stable")
    hits = set(looked_up(found[order], rows[order], keys([asked])[0], 100).tolist())
    if len(asked) >= 3:
        assert {i for i, n in enumerate(names) if edits(n, asked) <= 1} <= hits


@settings(deadline=None)
@given(st.text("ABCDE", min_size=1, max_size=9), st.text("ABCDE", min_size=1, max_size=9))
def test_likeness_goes_both_ways_and_is_full_for_equals_alone(a: str, b: str) -> None:
    one, other = jaro_winkler(codes(a), codes(b)), jaro_winkler(codes(b), codes(a))
    assert 0 <= one <= 1
    assert (one == 1) == (a == b)
    if len(set(a)) == len(a) and len(set(b)) == len(b):  # greedy pairs are then the same ones
        assert one == pytest.approx(other)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_one_edit_finds_the_chinese_name(seed: int) -> None:
    rng = random.Random(seed)
    names = [
        rng.choice(("上海", "苏州")) + "".join(rng.choices(HAN, k=rng.randint(2, 4)))
        + rng.choice(("贸易", "科技")) + "有限公司" for _ in range(30)
    ]  # fmt: skip
    name = rng.choice(names)
    index = NameIndex(names)
    body = edited(name[:-4], rng, HAN)
    found = {names[m.row] for m in index.find(body + "有限公司", most=30, least=800_000)}
    assert name in found
    assert names[index.find(name, most=1)[0].row] == name


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_one_edit_finds_the_latin_name(seed: int) -> None:
    rng = random.Random(seed)
    letters = "abcdefgh"
    names = [
        " ".join("".join(rng.choices(letters, k=rng.randint(4, 8))) for _ in range(words))
        for words in rng.choices((2, 3), k=30)
    ]
    words = rng.choice(names).split()
    name = " ".join(words)
    at = rng.randrange(len(words))
    words[at] = edited(words[at], rng, letters)
    rng.shuffle(words)
    found = NameIndex(names).find(" ".join(words), most=30, least=800_000)
    assert name in {names[m.row] for m in found}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=6), st.text(max_size=12))
def test_any_text_may_be_a_name(names: list[str], asked: str) -> None:
    found = NameIndex(names).find(asked, most=10)
    assert found == sorted(found, key=lambda m: (-m.score, m.row))
    for m in found:
        assert 0 < m.score <= 1_000_000
        assert m.reasons
        assert m.score == min(100, max(0, sum(p for _, p in m.reasons))) * 10_000


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(8)))
def test_the_order_of_a_list_changes_only_the_numbers(order: list[int]) -> None:
    names = ["上海恒泰贸易有限公司", "上海恒太贸易有限公司", "北京恒泰贸易有限公司", "恒泰集团",
             "John Smith", "Jon Smith", "Smith John", "John Smyth"]  # fmt: skip
    mixed = [names[i] for i in order]
    one, two = NameIndex(names), NameIndex(mixed)
    for asked in names:
        found = [
            {(listed[m.row], m.score, tuple(m.reasons)) for m in index.find(asked, most=8)}
            for index, listed in ((one, names), (two, mixed))
        ]
        assert found[0] == found[1]


def test_screening_holds_the_conventions(tmp_path) -> None:
    party = build("party", {
        "party_id": [f"P{i}" for i in range(6)], "kind": ["firm"] * 4 + ["person"] * 2,
        "name": ["上海恒泰贸易有限公司", "苏州瑞祥科技有限公司", None, "。", "张小明", "李"],
        "name_en": [None, "Suzhou Ruixiang Technology Co., Ltd.", "John Smith", "", None, None],
    })  # fmt: skip
    listed = build("watchlist", {
        "list_id": ["dishonest"] * 4, "entry_id": ["1", "1", "2", "3"],
        "name": ["上海恒太贸易有限公司", "上海恒泰商贸有限公司", "Smith, Jon", "张小明"],
    })  # fmt: skip
    given_tables = {"party": party, "watchlist": listed}
    check_step(screen, given_tables, ScreenRule(as_of=DAY), boards=[str(tmp_path / "s.board")])
    rows = screen(party, listed, as_of=DAY)["screening_hit"].to_pylist()
    assert [(r["party_id"], r["entry_id"]) for r in rows] == [("P0", "1"), ("P2", "2"), ("P4", "3")]
    assert rows[0]["listed"] == "上海恒太贸易有限公司"


def test_only_entries_of_the_day_and_of_the_lists_count() -> None:
    party = build("party", {"party_id": ["P"], "kind": ["firm"], "name": ["上海恒泰贸易有限公司"]})
    listed = build("watchlist", {
        "list_id": ["a", "a", "b"], "entry_id": ["old", "new", "other"],
        "name": ["上海恒泰贸易有限公司"] * 3,
        "valid_from": pa.array([date(2020, 1, 1), date(2025, 6, 1), None], pa.date32()),
        "valid_to": pa.array([date(2025, 12, 31), None, None], pa.date32()),
    })  # fmt: skip

    def entries(**rule) -> list[str]:
        hits = screen(party, listed, **rule)["screening_hit"]
        return hits["entry_id"].to_pylist()

    assert entries(as_of=DAY) == ["new", "other"]
    assert entries(as_of=DAY, lists=("a",)) == ["new"]
    assert entries(as_of=date(2024, 1, 1)) == ["old", "other"]
