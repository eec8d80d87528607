"""The client: what it reads is what the board holds, and what it asks is done once."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import liandong as ld
import liandong.client
from liandong.client import ProblemError
from liandong.errors import ChangedError, NotFoundError, UsageError
from support.boards import case_of
from support.site import Site

ON = "2024-06-30"


def test_it_reads_what_the_board_holds(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with ld.Client(site.url) as client:
        rows = list(client.table("party", fields=["party_id"], kind="firm"))
        wanted = site.sql("SELECT party_id FROM party WHERE kind = 'firm' ORDER BY 1")
        assert rows == wanted
        some = list(client.table("invoice", net__from=100, net__to=5_000_000, sort="net"))
        count = "SELECT count(*) AS n FROM invoice WHERE net BETWEEN 100 AND 5000000"
        assert len(some) == site.sql(count)[0]["n"]
        assert client.arrow("score").to_pylist() == site.board.sql("FROM score").to_pylist()
        assert client.row("party", party_id=rows[0]["party_id"])["kind"] == "firm"
        score = site.sql("SELECT party_id, as_of, rule_id FROM score LIMIT 1")[0]
        assert client.why("score", **score)["reasons"]
        cases = {r["case_id"]: r["state"] for r in client.cases()}
        assert cases == {r["case_id"]: r["state"] for r in site.board.cases.rows()}
        closed = {r["case_id"] for r in client.cases(state="closed")}
        assert closed == {c for c, state in cases.items() if state == "closed"}
        monkeypatch.setattr(liandong.client, "PAGE", 7)  # a client asks again and again
        wall = [r["party_id"] for r in client.alerts(on=ON)]
        assert len(wall) == len(set(wall)) == client.get("/alerts", on=ON)["total"] > 7


def test_errors_are_those_of_the_tree_in_ones_language(site: Site) -> None:
    with ld.Client(site.url, lang="zh") as client:
        with pytest.raises(NotFoundError) as missing:
            client.row("party", party_id="nobody")
        assert "nobody" in str(missing.value)
        assert missing.value.text("zh") == missing.value.params["problem"]["detail"]
        assert isinstance(missing.value, ProblemError)
        with pytest.raises(UsageError, match="没有"):
            next(client.table("party", nothing=1))
        case = case_of(site.board)
        with pytest.raises(ChangedError):
            client.act(case, "note", text="x", seen=10**6)
        for seen in ("9" * 5_000, 0, True):
            with pytest.raises(UsageError):
                client.act(case, "note", text="x", seen=seen)
        with pytest.raises(UsageError):
            client.post("/cases/balance", {"queue": False})


class Flaky(BaseHTTPRequestHandler):
    """Answers the third time; remembers what it was asked."""

    asked: list[tuple[str, bytes]] = []  # noqa: RUF012 - what a test looks at

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.asked.append((self.headers["idempotency-key"], body))
        n = len(self.asked)
        if n == 1:
            self.close_connection = True
            return  # no answer at all
        self.send_response(503 if n == 2 else 201)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


def test_it_asks_again_with_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liandong.client.time.sleep", lambda _: None)
    server = HTTPServer(("127.0.0.1", 0), Flaky)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with ld.Client(f"http://127.0.0.1:{server.server_port}") as client:
            client.run("assess.score", as_of="2024-06-30")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert len(Flaky.asked) == 3
    assert len(set(Flaky.asked)) == 1
    assert json.loads(Flaky.asked[0][1])["values"] == {"as_of": "2024-06-30"}


def test_it_posts_and_loads(site: Site, tmp_path) -> None:
    file = tmp_path / "places.csv"
    file.write_text("site_id,name\n", "utf-8")
    with ld.Client(site.url) as client:
        done = client.transfers([{"entry_id": "C1", "debit": "nowhere", "credit": "no", "amount": 1,
                                  "event_time": "2024-07-01"}])  # fmt: skip
        assert done["C1"] != "ok"
        with pytest.raises(ld.LiandongError):
            client.load("party", file)
        read = client.get("/steps/watch.precision")["reads"]
        made = client.try_step("watch.precision", {}, board=read)
    wanted = site.board.table("rule_precision").arrow()
    assert len(made["rule_precision"]) == len(wanted)
