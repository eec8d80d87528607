"""Subjects whose events lie on the disk say what they would say if these were in memory."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import StorageError
from liandong.kernels.streams.layout import Events
from liandong.schema.arrow import build
from liandong.store.shelf import GROUP, Shelf
from liandong.watch import WindowsRule, WindowStream
from liandong.watch.windows import pools
from liandong.watch.windows.resting import Resting, Spill
from support.happenings import WINDOWS, happenings, must_say_the_same


class Memory:
    """A shelf in memory, which counts what was laid down."""

    def __init__(self) -> None:
        self.tables: list[pa.Table] = []

    def put(self, table):
        self.tables.append(table)
        return _Piece(table)


class _Piece:
    def __init__(self, table) -> None:
        self.table, self.size = table, table.nbytes

    def read(self, rows):
        assert (np.diff(rows) > 0).all()
        return self.table.take(rows)


@given(
    seed=st.integers(0, 2**32),
    cuts=st.lists(st.integers(0, 200), max_size=25),
    late=st.integers(0, 20),
    subjects=st.integers(1, 12),
    memory=st.integers(0, 12),
)
@settings(max_examples=60, deadline=None)
def test_values_are_the_same_bits_with_little_memory(seed, cuts, late, subjects, memory) -> None:
    rng = np.random.default_rng(seed)
    events = happenings(seed, 200, hours=500, subjects=subjects)
    arrived = sorted(events, key=lambda e: e.at + rng.integers(0, 3_600_000_000 * (2 * late + 1)))
    rule, shelf = WindowsRule.make(windows=WINDOWS, late=f"{late}h"), Memory()
    whole = WindowStream(rule)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pools, "START", 8)
        patch.setattr(pools, "PIECE", 16)
        patch.setattr(Resting, "are_back", lambda _: False)
        lean = WindowStream(rule, spill=Spill(shelf, memory << 10))
        must_say_the_same(whole, lean, arrived, cuts)


def _year(subjects: int, rounds: int, together: int = 10) -> list[pa.Table]:
    """Return one event of each subject a day, group after group of subjects for so many days."""
    found = []
    for day in range(rounds):
        group = np.arange(subjects) + subjects * (day // together)
        at = pa.array(np.full(subjects, day * 86_400_000_000 + 10**15)).cast(
            pa.timestamp("us", "UTC")
        )
        ids = [f"{day}-{s}" for s in group]
        named = {"source": ["b"] * subjects, "kind": ["pay"] * subjects}
        found.append(build("watch_event", {
            "event_id": ids, "seq": np.arange(subjects), "at": at, "seen_at": at, **named,
            "subject_id": [f"S{s}" for s in group], "other_id": [f"C{s % 7}" for s in group],
            "amount": np.arange(subjects), "tag": [None] * subjects,
        }))  # fmt: skip
    return found


def test_memory_stays_within_its_bound_and_old_pieces_go(tmp_path) -> None:
    windows = [{"name": "n", "fn": "distinct", "over": "60d"},
               {"name": "m", "fn": "max", "of": "amount", "over": "60d"}]  # fmt: skip
    memory = 1 << 18
    lean = WindowStream(windows=windows, late="1h", spill=Spill(Shelf(tmp_path), memory))
    whole = WindowStream(windows=windows, late="1h", to_save=False)
    laid, most = 0, 0
    for batch in _year(200, 300):
        assert lean.take(batch).values.equals(whole.take(batch).values)
        laid = max(laid, lean.resting["bytes"])
        used = lean.size["log"]
        most = max(most, used)
        assert used < 2 * memory
        assert lean.resting["bound"] == memory
    assert laid > 0
    assert whole.size["log"] > 2 * most
    # Of 6,000 subjects only those of the last 60 days are needed, at rest or not.
    assert lean.resting["subjects"] <= 200 * 7
    assert list(tmp_path.iterdir()) == []  # files without names


def test_a_shelf_gives_back_the_rows_asked_for(tmp_path) -> None:
    rows = 3 * GROUP + 17
    table = pa.table({"a": np.arange(rows), "b": np.arange(rows) % 5})
    lain = Shelf(tmp_path / "new").put(table)
    some = np.array([0, 5, GROUP - 1, GROUP, 3 * GROUP + 1, rows - 1])
    assert lain.read(some).equals(table.take(some))
    assert lain.size > 0
    assert pq.ParquetFile(lain.file).metadata.num_rows == rows


def test_what_cannot_be_laid_down_stays_where_it_is(tmp_path) -> None:
    (tmp_path / "taken").write_text("no folder", "utf-8")
    batches = _year(300, 2)
    windows = [{"name": "n", "fn": "count", "over": "300d"}]
    lean = WindowStream(windows=windows, spill=Spill(Shelf(tmp_path / "taken"), 1 << 14))
    whole = WindowStream(windows=windows)
    *fit, last = batches
    assert all(lean.take(b).values.equals(whole.take(b).values) for b in fit)
    with pytest.raises(StorageError, match="taken"):
        lean.take(last)
    assert lean.resting == {"subjects": 0, "bytes": 0, "bound": 1 << 14}


def test_busy_subjects_are_not_laid_down_in_circles() -> None:
    memory, shelf = 1 << 14, Memory()
    windows = [{"name": "n", "fn": "count", "over": "300d"}]
    lean = WindowStream(windows=windows, spill=Spill(shelf, memory))
    for batch in _year(300, 40, together=40):
        lean.take(batch)
    assert lean.resting == {"subjects": 0, "bytes": 0, "bound": memory << 6}
    assert 0 < len(shelf.tables) < 10


def test_resting_subjects_are_found_by_piece() -> None:
    shelf, resting = Memory(), Resting()

    def events(keys, sizes, at):
        key = np.repeat(keys, sizes)
        return Events(key, np.full(len(key), at), *(np.arange(len(key)),) * 4)

    for keys, sizes, at in (([3, 2_000], [2, 1], 10), ([5], [4], 20)):
        resting.add(shelf, np.array(keys), np.array(sizes), events(keys, sizes, at))
    assert len(resting) == 3
    assert resting.among(np.array([5, 4, 3, 5, 9_999])).tolist() == [3, 5]
    found = [(k.tolist(), n.tolist(), len(e.at)) for k, n, e in resting.taken(np.array([5, 2_000]))]
    assert found == [([2_000], [1], 1), ([5], [4], 4)]
    assert resting.expired(9).tolist() == []
    assert resting.expired(10).tolist() == [3]
    assert (len(resting), resting.size) == (0, 0)
    assert resting.are_back()  # five events of seven
    assert not resting.are_back()
