"""What no books can hold, and what no parser can read, is refused by name in every form."""

import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liandong.delivery import lines
from liandong.delivery.files import FileSource
from liandong.delivery.live import Live
from liandong.delivery.source import EVENT
from support.happened import RULE, happened, write

FINE = happened(1)[0]
POISON = {
    "half a character": (json.dumps({**FINE, "event_id": "\ud800"}), "text", "event_id"),
    "half a name": (json.dumps({**FINE, "\ud800": 1}), "field", "?"),
    "a zero": (json.dumps({**FINE, "event_id": "a\0b"}), "text", "event_id"),
    "before all time": (json.dumps({**FINE, "at": "0001-01-01T00:00:00+12:00"}), "text", "at"),
    "after all time": (json.dumps({**FINE, "at": "9999-12-31T23:59:59-12:00"}), "text", "at"),
    "too deep": ("[" * 100_000, "not_json", None),
    "too many digits": (f'{{"amount": {"9" * 5_000}}}', "not_json", None),
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_poison_is_named_alone_and_among_others(poison):
    text, reason, detail = poison
    fine = json.dumps(FINE)
    for read in (lines.one_by_one, lines.read):
        found, bad = read(f"{fine}\n{text}\n{fine}".encode(), "s", "p")
        assert (len(found), [r["reason"] for r in bad]) == (2, [reason])
        assert detail in {None, bad[0]["detail"]}
        for value in bad[0].values():
            assert value is None or lines.writable(value)


def test_a_watch_goes_on_after_poison(tmp_path, board):
    given = [json.dumps(FINE), *(p[0] for p in POISON.values()), json.dumps(happened(2)[1])]
    source = FileSource(write(tmp_path / "events.ndjson", given))
    with Live(board, "w", source, RULE) as live:
        live.run()
    kept = board.store.books.rows("watch_refusal")
    assert sorted(r["reason"] for r in kept) == sorted(p[1] for p in POISON.values())
    assert board.store.books.rows("watch_state")[0]["taken"] == 2


def test_a_zero_in_a_table_is_refused(tmp_path):
    rows = [{**FINE, "seen_at": FINE["at"]}, {**FINE, "event_id": "a\0b", "seen_at": FINE["at"]}]
    events = lines.table([lines.event({**r, "event_id": "e"}, "s", "p", "") for r in rows])
    at = events.schema.get_field_index("event_id")
    events = events.set_column(at, "event_id", pa.array(["e", "a\0b"]))
    pq.write_table(events, tmp_path / "events.parquet")
    found = FileSource(tmp_path / "events.parquet").read(None, 0)
    assert [r["detail"] for r in found.refused] == ["event_id"]
    assert found.events["event_id"].to_pylist() == ["e"]


@pytest.mark.parametrize(
    ("name", "text"), [("event_id", ""), ("other_id", ""), ("tag", "a\0"), ("subject_id", "\0")]
)
def test_texts_that_cannot_be_are_found_wherever_they_stand(name, text):
    good = {"event_id": "e", "source": "s", "seq": 1, "at": datetime(2026, 1, 1, tzinfo=UTC),
            "kind": "k", "subject_id": "F", "other_id": None, "tag": ""}  # fmt: skip
    events = pa.Table.from_pylist([{**good, name: text}, good, good], EVENT)
    assert not lines.sound(events)
    assert not lines.sound(pa.concat_tables([events[1:], events[:1]]))
    assert lines.sound(events[1:])
    assert lines.sound(events[:0])
