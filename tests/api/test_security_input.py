"""Attacks by what is brought in: names, files, filters; each is refused, or comes out as text."""

import csv
import io
import re
import tempfile
from urllib.parse import quote, urlencode

import httpx
import pyarrow as pa
import pyarrow.parquet as pq

from liandong.console.jobdesk import own_tables
from liandong.console.query import Query
from liandong.load import load
from liandong.schema.tables import TABLES
from liandong.service.v1.asked import Asked
from liandong.service.v1.cursor import cursor
from liandong.store.uploads import Uploads
from support.attacked import (
    HTTP,
    program,
)
from support.logins import Desk, desk_at

HOSTILE = (
    '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", "</script><svg/onload=x>",
    "javascript:alert(1)//<b/a>", "{{7*191}}${7*191}<%=7*191%>", "\u2028</textarea><i/a>\u202e",
)  # fmt: skip
RAW = re.compile(r"<script>alert|<img src=x|<svg/onload|<b/a>|<i/a>|\b1337\b|href=.javascript:")


def hostile(name: str) -> str:
    """Return a CSV file for a table with an attack in each field that takes any text."""
    spec, plain = TABLES[name], {"money": "1", "rate": "1", "int": "1", "float": "1.5",
                                 "bool": "true", "date": "2024-06-30", "region": "330000",
                                 "time": "2024-06-30T00:00:00Z", "industry": "C13"}  # fmt: skip
    out = io.StringIO()
    rows = [[f.name for f in spec.fields]]
    for i, attack in enumerate(HOSTILE):
        texts = {"text": f"{attack}{i}", "id": f"{attack}{i}"}
        rows.append([f.choices[0] if f.choices else {**plain, **texts}.get(f.kind, "")
                     for f in spec.fields])  # fmt: skip
    csv.writer(out).writerows(rows)
    return out.getvalue()


def test_what_is_loaded_comes_out_as_text(tmp_path_factory) -> None:
    with desk_at(tmp_path_factory.mktemp("xss")) as desk:
        made, folder = {}, tmp_path_factory.mktemp("files")
        for name in own_tables():
            file = folder / f"{name}.csv"
            file.write_text(hostile(name), "utf-8")
            rows = load(name, file).tables[name]
            made |= {name: rows} if len(rows) else {}
        names = [*made]
        assert len(names) > 20, names
        desk.board.put("files", made)
        with httpx.Client(base_url=desk.url, timeout=30, headers={"accept": "text/html"}) as ask:
            sent = ask.post(
                "/v1/loads?table=place&name=p.csv", content=hostile("place").encode(),
                headers={"content-type": "text/csv"},
            )  # fmt: skip
            assert not RAW.search(sent.text.replace("\\", "")) or sent.headers[
                "content-type"] == "application/json"  # fmt: skip
            pages = ["/", "/firms", "/alerts", "/trace", "/offers", "/regions", "/books"]
            pages += [f"/table/{n}" for n in (*names, "load_error")]
            for name in names[:6]:
                row = desk.board.table(name).rows()[0]
                key = urlencode({k: str(row[k]) for k in TABLES[name].key})
                pages.append(f"/table/{name}/row?{key}")
            firm = quote(f"{HOSTILE[1]}1", safe="")
            pages += [f"/firm/{firm}", f"/owners/{firm}"]
            pages += [f"/firms?{urlencode({'q': a})}" for a in HOSTILE]
            absent = [f"/trace/{firm}x", f"/v1/nothing/{firm}"]
            for path in (*pages, *absent):
                answer = ask.get(path)
                wanted = 404 if path in absent else 200
                assert answer.status_code == wanted, (path, answer.text[-300:])
                found = RAW.search(answer.text)
                assert not found, (path, answer.text[found.start() - 200 : found.end() + 20])


def test_no_name_leads_out_of_its_folder(desk: Desk) -> None:
    reads = program(desk, "ann", "read", "load.*", "file.upload")
    up = ("../../books.sqlite", "..%2f..%2fbooks.sqlite", "%2e%2e/%2e%2e/x", "....//x",
          "/etc/passwd", "%00", "..%5cx")  # fmt: skip
    for name in up:
        for path in (f"/static/{name}", f"/log/tile/{name}", f"/log/tile/0/{name}"):
            answer = HTTP.get(desk.url + path)
            assert answer.status_code in {401, 404}, (path, answer.status_code)
            assert b"SQLite format" not in answer.content
        assert reads("GET", f"/start/file?upload={name}&format=json").status_code == 404
        load = {"kind": "load", "source": "place", "import": name}
        assert reads("POST", "/v1/jobs", json=load).status_code in {403, 404}
    for far in ("9" * 30, "-1", "x"):
        for path in (f"/log/proof/{far}", f"/log/entry/{far}"):
            assert HTTP.get(desk.url + path).status_code in {404, 422}, path


def test_a_refused_file_is_named_and_not_where_it_lies(tmp_path_factory) -> None:
    place = tempfile.gettempdir()
    with desk_at(tmp_path_factory.mktemp("places")) as desk:
        for body, name in (
            (b"", "e.csv"),
            (b"PK", "e.xlsx"),
            (b"x", "e.parquet"),
            (b"\xff", "u.csv"),
        ):
            refused = httpx.post(
                f"{desk.url}/v1/loads?table=region&name={name}", content=body,
                headers={"content-type": "application/octet-stream"},
            )  # fmt: skip
            assert refused.status_code == 422, name
            assert f"cannot use {name}: " in refused.json()["detail"]
            assert place not in refused.text
        failed = [r.error for r in desk.board.runs() if r.status == "failed"]
        assert len(failed) == 4
        assert not [e for e in failed if place in e]


def test_what_unpacks_or_nests_too_far_is_not_read(desk: Desk, monkeypatch) -> None:
    monkeypatch.setenv("LIANDONG_UPLOAD_MB", "1")
    out = io.BytesIO()
    pq.write_table(pa.table({"name": pa.repeat(pa.scalar("x" * 50), 6_000_000)}), out)
    assert len(out.getvalue()) < 500_000
    loads = program(desk, "ann", "read", "load.*")
    answer = loads("POST", "/v1/loads?table=place&name=b.parquet", content=out.getvalue(),
                   headers={"content-type": "application/octet-stream"})  # fmt: skip
    assert answer.status_code == 422, answer.text
    assert "unpacks" in answer.json()["detail"]
    with Uploads(desk.board.store, "ann").writing("b.parquet") as (upload, file):
        file.write(out.getvalue())
    wanted = {"kind": "load", "source": "place", "upload": upload}
    assert loads("POST", "/v1/jobs", json=wanted).status_code == 422
    deep = b"[" * 60_000
    for path in ("/v1/jobs", "/v1/runs", "/v1/cases/open"):
        kind = {"content-type": "application/json"}
        assert loads("POST", path, content=deep, headers=kind).status_code in {400, 403, 422}, path
    fields = "&".join(f"f{i}=x" for i in range(9_000))
    with desk.visitor("ann") as ann:
        form = {"content-type": "application/x-www-form-urlencoded"}
        many = ann.browser.post("/jobs/begin", content=fields, headers=form)
        assert many.status_code in {400, 403, 413}


def test_filters_and_cursors_are_never_sql(desk: Desk) -> None:
    reads = program(desk, "ann", "read")
    attack = 'x" OR 1=1; DROP TABLE party; --'
    for given in (
        {f"f.{attack}": "1"}, {"sort": attack}, {"fields": attack}, {"cursor": attack},
        {'f.name.from"': "x"}, {"down": attack}, {"limit": attack}, {"format": attack},
    ):  # fmt: skip
        answer = reads("GET", "/v1/tables/party", params=given)
        assert answer.status_code == 400, given
        assert answer.json()["type"] == "urn:liandong:problem:usage"
    for value in (attack, "{where}", "{0}", "%", "' OR ''='"):
        answer = reads("GET", "/v1/tables/party", params={"f.name": value})
        assert answer.json()["rows"] == [], value
    for told in ([attack], [{"x": 1}], [["F33"]], [1], [], {}, [True, False], 7, [None]):
        made = forged(told)
        for more in ({}, {"f.party_id.from": "A"}):
            cursor = forged(told, more)
            answer = reads("GET", "/v1/tables/party", params={"cursor": cursor, **more})
            assert answer.status_code in {200, 400}, (told, answer.text)
        assert reads("GET", "/v1/tables/act", params={"cursor": made}).status_code == 400
    for values in ({"as_of": attack}, {attack: 1}, {"budget": {"$gt": ""}}):
        body = {"step": "match.allocate", "values": values, "dry_run": True}
        answer = program(desk, "ann", "match.*")("POST", "/v1/runs", json=body)
        assert answer.status_code in {400, 422}, answer.text


def forged(told: object, more: dict[str, str] | None = None) -> str:
    """Return a cursor with the mark of a good one, which says what nobody was told."""
    return cursor(Asked.of(TABLES["party"], Query(more or {}))._about, told)
