"""Events over HTTP: on the disk before they are acknowledged, judged once however often sent."""

import json
import socket
import threading
import time
from contextlib import contextmanager

import httpx
import pytest

from liandong.delivery.inbox import InboxSource
from liandong.delivery.live import Live
from liandong.errors import UsageError
from liandong.service import intake
from liandong.service.intake import Intake, create_intake
from liandong.service.serve import beside
from liandong.store.spool import Spool
from support.happened import RULE, happened

URL = "http://127.0.0.1:{}/v1/events"


@contextmanager
def client(spool, behind=lambda: 0):
    app, port = create_intake(Intake(spool, behind), lambda: "liandong_watch 1\n"), free_port()
    with (
        beside(app, port),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        yield http


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture
def unused_port():
    return free_port()


@pytest.fixture
def spool(tmp_path):
    found = Spool(tmp_path / "inbox")
    yield found
    found.close()


def test_good_lines_are_taken_and_bad_ones_named(spool):
    good, bad = json.dumps(happened(1)[0]), '{"event_id": "x", "amount": "much"}'
    with client(spool) as http:
        answer = http.post("/v1/events", content=f"{good}\n{bad}\nno\n")
        assert answer.status_code == 202
        said = answer.json()
        assert (said["events"], said["refused"]) == (1, 2)
        assert [(w["place"], w["reason"]) for w in said["why"]] == [
            ("line+2", "missing"), ("line+3", "not_json")
        ]  # fmt: skip
        assert http.post("/v1/events", content="no").status_code == 422
        assert http.post("/v1/events", content="").json()["events"] == 0
        assert http.get("/v1/events").status_code == 405
        assert "liandong_watch" in http.get("/metrics").text
    assert good in (spool.folder / "00000001.ndjson").read_text("utf-8")


def test_one_that_is_far_behind_asks_to_come_again(spool, monkeypatch):
    monkeypatch.setattr(intake, "MOST_BEHIND", 10)
    with client(spool, lambda: 11) as http:
        answer = http.post("/v1/events", content=json.dumps(happened(1)[0]))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert spool.written == 0


def test_too_much_at_once_is_refused(spool, monkeypatch):
    monkeypatch.setattr(intake, "MOST_BYTES", 10)
    with client(spool) as http:
        assert http.post("/v1/events", content="x" * 11).status_code == 413


def test_a_full_disk_acknowledges_nothing(spool, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool, "append", full)
    with client(spool) as http:
        assert http.post("/v1/events", content=json.dumps(happened(1)[0])).status_code == 507


def test_a_watch_judges_what_comes_in_and_counts_it_once(board, spool, unused_port):
    events = [json.dumps(e) for e in happened(400)]
    stop = threading.Event()
    with Live(board, "w", InboxSource(spool.folder), RULE) as live:
        running = threading.Thread(target=live.run, args=(stop.is_set,))
        running.start()
        app = create_intake(Intake(spool, live.metrics.behind), live.metrics.text)
        with beside(app, unused_port), httpx.Client(trust_env=False) as http:
            for _ in range(2):  # the whole of it twice: a caller that had no answer
                for i in range(0, 400, 40):
                    data = "\n".join(events[i : i + 40])
                    assert http.post(URL.format(unused_port), content=data).status_code == 202
            until = time.monotonic() + 20
            while live.state.get("refused", 0) < 400 and time.monotonic() < until:
                time.sleep(0.05)
            figures = http.get(f"http://127.0.0.1:{unused_port}/metrics").text
        stop.set()
        running.join()
    state = board.store.books.rows("watch_state")[0]
    assert (state["taken"], state["refused"]) == (400, 400)
    assert {r["reason"] for r in board.store.books.rows("watch_refusal")} == {"again"}
    assert 'liandong_watch_quarantine_total{watch="w",reason="again"} 400' in figures
    assert 'liandong_watch_events_total{watch="w"} 400' in figures
    assert "liandong_watch_watermark_seconds" in figures


def test_a_port_that_is_not_free_is_named(spool, unused_port):
    app = create_intake(None, str)
    with beside(app, unused_port), pytest.raises(UsageError, match=str(unused_port)):  # noqa: SIM117
        with beside(app, unused_port):
            pass


def test_a_spool_goes_on_in_another_file(tmp_path, monkeypatch):
    from liandong.store import spool as room

    monkeypatch.setattr(room, "FILE_BYTES", 10)
    first = Spool(tmp_path / "s")
    first.append(b"0123456789\n")
    first.append(b"more\n")
    first.close()
    (tmp_path / "s" / "00000002.ndjson").write_bytes(b"more\n{cut")
    again = Spool(tmp_path / "s")
    again.append(b"new\n")
    source = InboxSource(again.folder)
    place, refused = None, []
    while (batch := source.read(place, 0)).place != place:
        place = batch.place
        refused += [r["text"] for r in batch.refused]
    assert refused == ["0123456789", "more", "{cut", "new"]
    source.done(place)
    assert sorted(p.name for p in (tmp_path / "s").glob("*.ndjson")) == ["00000003.ndjson"]
    again.close()
