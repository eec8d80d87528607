"""The API: rows as they are in the board, pages that miss nothing, and nothing done twice."""

import io
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

import liandong as ld
from liandong.errors import AnswerLostError, KeyUsedError, UnderWayError
from liandong.schema.arrow import build
from liandong.schema.tables import table
from liandong.service.v1.describing import listed
from liandong.service.v1.loads import XLSX
from liandong.store import answers
from liandong.store.answers import ANSWER, Answer, Key
from liandong.store.asking import ask
from support.boards import HOSTILE_ID, LOAN
from support.site import Site, serving
from support.workbooks import rows as lines
from support.workbooks import text, workbook

JSON = {"content-type": "application/json"}


class Short:
    """Requests that may take long on a busy machine."""

    def __getattr__(self, method: str):
        return partial(getattr(httpx, method), timeout=60)


HTTP = Short()


def pages(url: str, path: str) -> list[dict]:
    """Return all rows, following the cursors."""
    rows, cursor, sign = [], "", "&" if "?" in path else "?"
    while cursor is not None:
        answer = HTTP.get(f"{url}{path}{sign}cursor={cursor}")
        assert answer.status_code == 200, answer.text
        rows, cursor = rows + answer.json()["rows"], answer.json()["next"]
    return rows


def plain(value: object) -> object:
    return json.loads(json.dumps(value, default=lambda v: v.isoformat()))


@pytest.mark.parametrize(
    ("asked", "sql"),
    [
        ("party?limit=97", "party ORDER BY party_id"),
        ("party?limit=40&sort=region_id", "party ORDER BY region_id NULLS LAST, party_id"),
        ("score?limit=301&sort=pd&down=1",
         "score ORDER BY pd DESC NULLS LAST, party_id, as_of, rule_id"),
        ("party?limit=7&f.region_id=310000", "party WHERE region_id = '310000' ORDER BY party_id"),
        ("party?limit=9&f.region_id.prefix=3&f.kind=firm",
         "party WHERE starts_with(region_id, '3') AND kind = 'firm' ORDER BY party_id"),
        ("entry?limit=50&f.amount.from=1000000&f.amount.to=90000000",
         "entry WHERE amount BETWEEN 1000000 AND 90000000 ORDER BY entry_id"),
        ("party?limit=50&sort=founded&down=1&f.kind=firm",
         "party WHERE kind = 'firm' ORDER BY founded DESC NULLS LAST, party_id"),
    ],
)  # fmt: skip
def test_pages_are_the_rows_of_the_board(site: Site, asked: str, sql: str) -> None:
    found = pages(site.url, f"/v1/tables/{asked}")
    wanted = plain(site.sql(f"SELECT * FROM {sql}"))
    assert found == wanted
    assert len(wanted) > 5


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_order_and_length_of_page_gives_each_row_once(site: Site, data) -> None:
    spec = table("account")
    sort = data.draw(st.sampled_from(["", *spec.names]))
    limit, down = data.draw(st.sampled_from([13, 60, 1000])), data.draw(st.integers(0, 1))
    path = f"/v1/tables/account?sort={sort}&down={down}&limit={limit}&fields=account_id"
    found = [r["account_id"] for r in pages(site.url, path)]
    assert sorted(found) == sorted(r["account_id"] for r in site.sql("SELECT * FROM account"))


def test_pages_hold_while_others_write(tmp_path) -> None:
    with ld.open(tmp_path / "b", actor="ann") as board, serving(tmp_path / "b") as url:
        first = {f"A{i:03}" for i in range(120)}
        board.ledger.open(accounts(first))
        stop = threading.Event()

        def write() -> None:
            for i in range(10_000):
                if stop.is_set():
                    return
                stop.wait(0.02)
                board.ledger.open(accounts({f"A{i % 120:03}-{i}"}))

        other = threading.Thread(target=write)
        other.start()
        try:
            found = [r["account_id"] for r in pages(url, "/v1/tables/account?limit=20")]
        finally:
            stop.set()
            other.join()
    assert len(found) == len(set(found))
    assert first <= set(found)


def accounts(ids: set[str]) -> pa.Table:
    names = sorted(ids)
    n = len(names)
    return build("account", {"account_id": names, "owner_id": ["F1"] * n, "unit": ["CNY"] * n,
                             "code": ["deposits"] * n})  # fmt: skip


@pytest.mark.parametrize("name", ["score", "party", "entry", "act", "region_stat"])
def test_files_are_the_rows_of_the_board(site: Site, name: str) -> None:
    wanted = site.board.sql(f"SELECT * FROM {name}")
    lines = HTTP.get(f"{site.url}/v1/tables/{name}?format=ndjson")
    assert [json.loads(line) for line in lines.text.splitlines()] == plain(wanted.to_pylist())
    arrow = HTTP.get(f"{site.url}/v1/tables/{name}?format=arrow").content
    assert pa.ipc.open_stream(arrow).read_all().to_pylist() == wanted.to_pylist()
    sheet = HTTP.get(f"{site.url}/v1/tables/{name}?format=csv").text.removeprefix("\ufeff")
    head = pa.csv.read_csv(io.BytesIO(sheet.encode())) if name == "region_stat" else None
    assert sheet.partition("\r\n")[0].split(",") == list(table(name).names)
    assert head is None or len(head) == len(wanted)


def test_an_empty_table_is_a_file_too(empty_site: Site) -> None:
    get = f"{empty_site.url}/v1/tables/score?format="
    assert HTTP.get(get + "ndjson").text == ""
    assert HTTP.get(get + "csv").text.strip("\ufeff\r\n").split(",") == list(table("score").names)
    assert len(pa.ipc.open_stream(HTTP.get(get + "arrow").content).read_all()) == 0


def test_a_row_and_why(site: Site) -> None:
    key = site.sql("SELECT party_id, as_of, rule_id FROM score ORDER BY as_of DESC LIMIT 1")[0]
    asked = httpx.QueryParams({n: str(v) for n, v in key.items()})
    row = HTTP.get(f"{site.url}/v1/tables/score/row?{asked}").json()
    assert row == HTTP.get(f"{site.url}/v1/scores/{key['party_id']}").json()
    for lang in ("zh", "en"):
        asked_for = {"accept-language": lang}
        why = HTTP.get(f"{site.url}/v1/tables/score/row/why?{asked}", headers=asked_for).json()
        told = site.board.table("score").why(**key)
        assert why["row"] == row
        assert why["run"]["run_id"] == told.run.run_id
        assert why["rule"]["rule_id"] == told.run.rule_id
        assert len(why["reasons"]) == len(told.reasons)
        assert all(r["text"] for r in why["reasons"])
    assert why["act"]


def test_the_usual_names_lead_to_the_same(site: Site) -> None:
    quoted = httpx.URL(f"{site.url}/v1/parties/").join(httpx.URL(path=f"/v1/parties/{HOSTILE_ID}"))
    assert HTTP.get(quoted).json()["party_id"] == HOSTILE_ID
    twin = site.json(f"/trace/{LOAN}")
    assert HTTP.get(f"{site.url}/v1/loans/{LOAN}/trace").json() == twin
    runs = pages(site.url, "/v1/runs")
    assert [r["run_id"] for r in runs] == sorted(r.run_id for r in site.board.runs())
    own = next(r for r in runs if r["rule_id"])
    rule = HTTP.get(f"{site.url}/v1/rules/{own['rule_id']}").json()
    assert rule["rule_id"] == own["rule_id"]
    steps = HTTP.get(f"{site.url}/v1/steps").json()["steps"]
    assert "assess.score" in {s["name"] for s in steps}
    one = HTTP.get(f"{site.url}/v1/steps/assess.score").json()
    assert one["rule"]["properties"]["as_of"]["format"] == "date"


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/v1/tables/nothing", 404, "not_found"), ("/v1/nothing", 404, "not_found"),
        ("/v1/tables/party?cursor=AAAA", 400, "usage"), ("/v1/tables/party?sort=x", 400, "usage"),
        ("/v1/tables/party?f.x=1", 400, "usage"), ("/v1/tables/party?limit=1001", 400, "usage"),
        ("/v1/tables/party?limit=x", 400, "usage"), ("/v1/tables/party?fields=x", 400, "usage"),
        ("/v1/tables/score?f.pd.from=x", 400, "usage"), ("/v1/tables/party/row", 400, "usage"),
        ("/v1/tables/score/row?party_id=F000001", 400, "usage"),
        ("/v1/parties/nobody", 404, "not_found"), ("/v1/steps/x.y", 404, "not_found"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_a_problem(site: Site, path: str, status: int, kind: str) -> None:
    for lang in ("zh", "en"):
        answer = site.get(path, lang=lang, accept="*/*")
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (status, kind)
        assert bool(re.search("[\u4e00-\u9fff]", answer.json()["detail"])) == (lang == "zh")


def test_a_cursor_belongs_to_its_question(site: Site) -> None:
    first = HTTP.get(f"{site.url}/v1/tables/party?limit=2").json()["next"]
    for path in ("party?sort=name", "party?f.kind=firm", "account"):
        sign = "&" if "?" in path else "?"
        answer = HTTP.get(f"{site.url}/v1/tables/{path}{sign}limit=2&cursor={first}")
        assert answer.status_code == 400


def test_what_is_known_is_not_sent_again(site: Site) -> None:
    for path in ("/v1/tables/party?limit=2", "/v1/parties/F000001", "/v1/alerts", "/v1/cases"):
        first = HTTP.get(site.url + path)
        mark = first.headers.get("etag")
        if mark:
            again = HTTP.get(site.url + path, headers={"if-none-match": mark})
            assert (again.status_code, again.content) == (304, b"")


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A board of its own that is served to ann, with two accounts."""
    location = tmp_path_factory.mktemp("v1") / "b"
    with ld.open(location, actor="ann") as board:
        board.ledger.open(accounts({"A1", "A2"}))
        with serving(location, actor="ann") as url:
            yield board, url


def entry(name: str, amount: int = 5) -> dict:
    return {"entry_id": name, "debit": "A1", "credit": "A2", "amount": amount,
            "event_time": "2024-07-01"}  # fmt: skip


def asks(board: ld.Board) -> int:
    return len(board.sql("SELECT * FROM power_act WHERE kind = 'asked'"))


def test_the_same_key_is_answered_and_nothing_done_again(own) -> None:
    board, url = own
    wish = {"action": "fund.pay", "subject": "x", "amount": 100}
    ask = [HTTP.post(f"{url}/v1/powers/ask", json=wish, headers={"idempotency-key": "1"})
           for _ in range(3)]  # fmt: skip
    assert [a.status_code for a in ask] == [201] * 3
    assert len({a.text for a in ask}) == 1
    assert [a.headers.get("idempotency-replayed") for a in ask] == [None, "true", "true"]
    assert asks(board) == 1
    other = HTTP.post(
        f"{url}/v1/powers/ask", json={**wish, "amount": 1}, headers={"idempotency-key": "1"}
    )
    assert (other.status_code, other.json()["type"].split(":")[-1]) == (422, "key_used")
    # What went wrong is not kept: it may be right the next time.
    for amount, status in ((-1, 422), (7, 201)):
        answer = HTTP.post(f"{url}/v1/powers/ask", json={**wish, "amount": amount},
                            headers={"idempotency-key": "2"})  # fmt: skip
        assert answer.status_code == status


def test_many_at_once_with_one_key_do_it_once(own) -> None:
    board, url = own
    before = asks(board)

    def ask(_: int) -> int:
        wish = {"action": "fund.stop", "subject": "many"}
        return HTTP.post(
            f"{url}/v1/powers/ask", json=wish, headers={"idempotency-key": "many"}
        ).status_code

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(24)))
    assert set(found) <= {201, 409}
    assert 201 in found
    assert asks(board) == before + 1


def test_a_crash_between_deed_and_answer(board, monkeypatch: pytest.MonkeyPatch) -> None:
    books, key = board.store.books, Key("ann", "k", "d")
    assert answers.claim(books, key, repeatable=False) is None
    with pytest.raises(UnderWayError):
        answers.claim(books, key, repeatable=False)
    with pytest.raises(KeyUsedError):
        answers.claim(books, Key("ann", "k", "other"), repeatable=False)
    later(books, monkeypatch)  # whoever began has died before he did anything
    assert answers.claim(books, key, repeatable=False) is None
    with answers.doing(key):
        board.powers.ask("fund.pay")
    later(books, monkeypatch)  # and this time after it was done
    with pytest.raises(AnswerLostError):
        answers.claim(books, key, repeatable=False)
    assert answers.claim(books, key, repeatable=True) is None
    answers.keep(books, key, Answer(200, {"x": "y"}, b"z"))
    assert answers.claim(books, key, repeatable=False) == Answer(200, {"x": "y"}, b"z")
    assert board.check() == []


def later(books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the lease of whoever works be over."""
    with books.writing() as c:
        c.execute(sa.update(ANSWER).values(until=sa.select(ANSWER.c.began_at).scalar_subquery()))


def test_entries_are_posted_once_each_with_its_result(own) -> None:
    _, url = own
    body = {"entries": [entry("T1"), {**entry("T2"), "debit": "nowhere"}, entry("T1", 6)]}
    first = HTTP.post(f"{url}/v1/ledger/transfers", json=body).json()["results"]
    assert [r["entry_id"] for r in first] == ["T1", "T2", "T1"]
    assert first[0]["result"] == "ok"
    assert first[1]["result"] != "ok"
    assert first[2]["result"].startswith("exists_with_different")
    again = HTTP.post(f"{url}/v1/ledger/transfers", json=body).json()["results"]
    assert again[0]["result"] == "exists"
    account = HTTP.get(f"{url}/v1/ledger/accounts/A1").json()["account"]
    assert account["balance"] == 5
    before = HTTP.get(f"{url}/v1/ledger/accounts/A1?event=2024-06-30").json()["account"]
    assert before["balance"] == 0
    assert HTTP.get(f"{url}/v1/ledger/entries?f.entry_id=T1").json()["rows"][0]["amount"] == 5


def test_a_proposal_is_taken_back_by_who_made_it(own) -> None:
    board, url = own
    mine, other = (ask(board.store, who, "settle.disburse", "x") for who in ("ann", "bob"))
    answers = [HTTP.post(f"{url}/v1/cases/{case}/withdraw") for case in (mine, mine, other, "no")]
    assert [a.status_code for a in answers] == [200, 403, 403, 404]
    assert (answers[0].json()["state"], answers[0].json()["checker"]) == ("withdrawn", None)
    assert board.check() == []


def test_faults_of_a_body_are_named_by_their_place(own) -> None:
    _, url = own
    body = {"entries": [entry("T8"), {**entry("T9", -1), "extra": 1}]}
    answer = HTTP.post(f"{url}/v1/ledger/transfers", json=body, headers={"accept-language": "zh"})
    assert answer.status_code == 422
    told = {e["pointer"]: e["detail"] for e in answer.json()["errors"]}
    assert told == {"/body/entries/1/amount": "不得小于 1", "/body/entries/1/extra": "没有这一项"}
    for content, kind, status in (("{", "application/json", 422), ("{}", "text/plain", 415)):
        wrong = HTTP.post(f"{url}/v1/runs", content=content, headers={"content-type": kind})
        assert wrong.status_code == status
    foreign = {**JSON, "origin": "https://evil.example"}
    assert HTTP.post(f"{url}/v1/runs", content="{}", headers=foreign).status_code == 403
    wrong = HTTP.delete(f"{url}/v1/runs")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, POST")


def test_a_file_is_loaded_and_the_same_name_replaces_it(own, tmp_path) -> None:
    board, url = own
    rows = "region_id,name,level\n310000,上海,province\nxx,y,province\n"

    def load(text: str, **more: object) -> httpx.Response:
        asked = {"table": "region", "name": "r.csv", **more}
        return HTTP.post(f"{url}/v1/loads", params=asked, content=text.encode(),
                          headers={"content-type": "text/csv"})  # fmt: skip

    dry = load(rows, dry_run=True).json()
    assert (dry["status"], len(board.table("region"))) == ("dry", 0)
    done = load(rows)
    assert done.status_code == 201, done.text
    assert done.json()["counts"]["region"] == 1
    told = [(e["row"], e["field"]) for e in done.json()["errors"]]
    assert told == [(e["row"], e["field"]) for e in dry["errors"]] == [(3, "region_id")]
    assert HTTP.get(url + done.headers["location"]).json()["run"]["status"] == "done"
    assert load(rows.replace("xx", "320000")).json()["counts"]["region"] == 2
    sheet = lines(text("region_id", "name", "level"), text("330000", "浙江", "province"))
    book = workbook(tmp_path / "r.xlsx", cover=lines(""), 区划=sheet).read_bytes()
    asked = {"table": "region", "name": "w.xlsx", "sheet": "区划"}
    done = HTTP.post(f"{url}/v1/loads", params=asked, content=book, headers={"content-type": XLSX})
    assert (done.status_code, done.json()["counts"]["region"]) == (201, 1), done.text
    none = HTTP.post(f"{url}/v1/loads", params={**asked, "sheet": "x"}, content=book,
                     headers={"content-type": XLSX})  # fmt: skip
    assert (none.status_code, "区划" in none.text) == (422, True)
    assert load(rows, name="../x.csv").status_code == 422
    assert load(rows, mapping="[").status_code == 400


def test_a_step_is_tried_and_run(site: Site, tmp_path) -> None:
    read = HTTP.get(f"{site.url}/v1/steps/assess.score").json()["reads"]
    day = site.sql("SELECT max(as_of) AS day FROM score")[0]["day"]
    before = site.board.store.state()
    tried = HTTP.post(f"{site.url}/v1/steps/assess.score/try",
                       json={"board": read, "values": {"as_of": str(day)}})  # fmt: skip
    wanted = site.sql("SELECT party_id, pd FROM score WHERE as_of = ? ORDER BY 1", day)
    made = tried.json()["tables"]["score"]
    assert [{n: r[n] for n in ("party_id", "pd")} for r in made] == wanted
    wrong = HTTP.post(f"{site.url}/v1/steps/assess.score/try",
                       json={"tables": {"rule": [{"rule_id": "x"}]},
                             "values": {"as_of": str(day)}})  # fmt: skip
    assert (wrong.status_code, wrong.json()["type"].split(":")[-1]) == (422, "data")
    assert site.board.store.state() == before


def test_the_document_and_its_page(site: Site) -> None:
    document = HTTP.get(f"{site.url}/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    ids = [o["operationId"] for p in document["paths"].values() for o in p.values()]
    for path, operations in document["paths"].items():
        if path.startswith("/v1/") and not path.endswith("/events"):
            for operation in operations.values():
                assert {"4XX", "5XX"} <= operation["responses"].keys()
                named = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
                assert named == {w.strip("{}") for w in path.split("/") if "{" in w}
    for lang in ("zh", "en"):
        page = site.get("/v1", lang=lang).text
        for rows in listed(document, lang).values():
            assert all(r["says"] in page for r in rows)
    assert len(ids) > 30
