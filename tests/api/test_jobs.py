"""Jobs over HTTP: queued, done apart, told as they go, cancelled; and files that are handed in."""

import io
import json
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlencode

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import liandong as ld
from liandong.console.forms import fields
from liandong.console.jobdesk import ask_loop, ask_run
from liandong.console.mapped import Draft
from liandong.console.query import Query
from liandong.errors import RefusedError, UsageError
from liandong.schema.arrow import arrow_schema
from liandong.step.given import value_of
from liandong.step.registry import steps
from liandong.store.jobs import Jobs
from liandong.texts import catalogue
from support.jobs import ended, posted, statistics
from support.site import serving
from support.workbooks import rows, text, workbook

BIG = {"kind": "load", "source": "world", "options": {"firms": 50_000, "months": 60}}


@contextmanager
def client_of(location, tmp_path, actor="ann"):
    with (
        ld.open(location, actor=actor, lake=tmp_path / "lake") as board,
        serving(location, actor=actor) as url,
        httpx.Client(base_url=url, timeout=30, trust_env=False) as client,
    ):
        yield board, client


def told(client, since, until):
    """Return the events from a mark on, until one of them is as wanted."""
    found, name, mark = [], "", ""
    headers = {"Last-Event-ID": since}
    with client.stream("GET", "/v1/jobs/events", headers=headers, timeout=60) as answer:
        for line in answer.iter_lines():
            kind, _, value = line.partition(": ")
            if kind == "event":
                name = value
            elif kind == "id":
                mark = value
            elif kind == "data":
                found.append((int(mark), name, json.loads(value)))
                if until(found[-1][2]):
                    return found
    raise AssertionError("the stream ended")


def test_a_file_becomes_rows_and_then_a_run(location, tmp_path):
    with client_of(location, tmp_path) as (board, client):
        name = {"name": "../../etc/stat.csv"}
        upload = client.post("/v1/uploads", params=name, content=statistics()).json()["upload"]
        load = {"kind": "load", "source": "region_stat", "upload": upload}
        first, second = posted(client, load), posted(client, {"kind": "run", "step": "survey.gap"})
        seen = told(client, "0", lambda j: j["job_id"] == second and j["state"] == "done")
        assert seen[-1][2] == client.get(f"/v1/jobs/{second}").json()  # times, too, are the same
        marks = [mark for mark, _, _ in seen]
        assert marks == sorted(set(marks))
        of = {id_: [j for _, _, j in seen if j["job_id"] == id_] for id_ in (first, second)}
        for jobs in of.values():
            done = [j["done"] for j in jobs if j["state"] == "running"]
            assert done == sorted(done)
            assert [j["state"] for j in jobs][-1] == "done"
        # One at a time: the second begins when the first has ended.
        assert of[second][-1]["started_at"] >= of[first][-1]["ended_at"]
        assert "region_stat 80" in of[first][-1]["said"]
        later = told(client, str(marks[-2]), lambda j: j["state"] == "done")
        assert later[0][0] == marks[-1]  # nothing twice, nothing missed
        assert board.check() == []
        run = board.store.run(of[second][-1]["run"])
        assert (run.step, run.actor, run.status) == ("survey.gap", "ann", "done")
        twin = client.get("/jobs?format=json").json()
        assert [j["job_id"] for j in twin["ended"]] == [second, first]
        assert not list((tmp_path / "lake").glob("*.csv"))


def test_a_run_that_takes_long_is_a_job_for_who_prefers_that(tmp_path):
    with client_of(tmp_path / "t.board", tmp_path) as (board, client):
        later = {"prefer": 'handling=lenient, Respond-Async; x="1"'}
        dry = {"step": "survey.gap", "dry_run": True}
        asked = client.post("/v1/runs", json=dry, headers=later)
        assert (asked.status_code, asked.headers["preference-applied"]) == (202, "respond-async")
        job = ended(client, asked.headers["location"].rpartition("/")[2])
        assert (job["what"], job["args"]["dry_run"], job["state"]) == ("survey.gap", True, "done")
        assert not [r for r in board.runs() if r.step == "survey.gap"]
        assert client.post("/v1/runs", json=dry, headers={"prefer": "wait=9"}).status_code == 201
        for wrong in ({"step": "survey.none"}, {"step": "survey.gap", "values": {"x": 1}}):
            assert client.post("/v1/runs", json=wrong, headers=later).is_client_error
        # What somebody has still to approve is refused now, and not once its turn comes.
        board.put("asked", {"product": arrow_schema("product").empty_table()})
        early = {"step": "settle.disburse", "values": {"as_of": "2024-06-30"}}
        unread = client.post("/v1/runs", json=early, headers=later)
        assert unread.status_code == 403, unread.text
        assert "nobody else has approved" in unread.text
        with ld.Client(str(client.base_url), lang="zh") as program:
            done = program.wait(program.start("survey.gap")["job_id"], every=0.1)
            assert board.store.run(done["run"]).step == "survey.gap"
            jobs = [posted(client, BIG), program.start("survey.gap")["job_id"]]
            for job in reversed(jobs):
                program.post(f"/jobs/{job}/cancel", {})
                with pytest.raises(ld.LiandongError, match="cancelled"):
                    program.wait(job, every=0.1)


def test_a_job_cancelled_in_the_middle_leaves_nothing(location, tmp_path):
    with client_of(location, tmp_path) as (board, client):
        job, waits = posted(client, BIG), posted(client, {"kind": "run", "step": "survey.gap"})
        assert client.post(f"/v1/jobs/{waits}/cancel", json={}).json()["state"] == "cancelled"
        told(client, "0", lambda j: j["said"] is not None)
        origin = {"origin": str(client.base_url).rstrip("/"), "accept": "text/html"}
        assert client.post(f"/jobs/{job}/cancel", headers=origin).status_code == 303
        found = ended(client, job)
        assert (found["state"], found["cancelled_by"]) == ("cancelled", "ann")
        assert not len(board.table("party"))
        assert [r.status for r in board.runs()] == ["broken"]
        assert board.check() == []
        small = {**BIG, "options": {"firms": 100, "months": 12}}
        assert ended(client, posted(client, small))["state"] == "done"


def test_one_of_many_takes_a_job_and_one_job_goes_on_at_a_time(location, tmp_path):
    with ld.open(location, actor="ann", lake=tmp_path / "lake") as board:
        asked = [ask_run(board, "survey.gap", {}) for _ in range(2)]
        services = [ld.open(location, actor=f"s{i}") for i in range(4)]
        taken, together = [], threading.Barrier(4)

        def take(service):
            together.wait()
            taken.append(Jobs(service.store, service.actor).take())

        threads = [threading.Thread(target=take, args=(s,)) for s in services]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert [j["job_id"] for j in taken if j] == asked[:1]
        jobs = Jobs(board.store, "ann")
        assert jobs.take() is None
        assert jobs.lost() == []
        time.sleep(0.05)
        assert jobs.lost(0.01) == asked[:1]
        assert jobs.one(asked[0])["state"] == "broken"
        assert not jobs.beat(asked[0])  # whoever still does it is told to stop
        assert jobs.take()["job_id"] == asked[1]
        for s in services:
            s.close()


def test_powers_are_asked_for_early_and_for_the_jobs_of_others(tmp_path):
    with ld.open(tmp_path / "p.board", actor="li") as board:
        board.powers.add([
            {"power_id": "P1", "holder": "li", "action": "survey.gap"},
            {"power_id": "P2", "holder": "boss", "action": "job.cancel"},
        ])  # fmt: skip
        job = ask_run(board, "survey.gap", {})
        with pytest.raises(RefusedError):
            ask_run(board.acting("bob"), "survey.gap", {})
        with pytest.raises(RefusedError):
            Jobs(board.store, "bob").cancel(job)
        assert Jobs(board.store, "boss").cancel(job)["state"] == "cancelled"
        with pytest.raises(RefusedError):
            ask_loop(board)  # it would play people on a board with powers


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"kind": "run", "step": "no.step"}, 404),
        ({"kind": "run", "step": "survey.gap", "values": {"x": 1}}, 400),
        ({"kind": "fly"}, 400),
        ({"kind": "load", "source": "invoice", "upload": "../../etc"}, 404),
        ({"kind": "load", "source": "invoice", "import": "../passwd"}, 404),
        ({"kind": "load", "source": "invoice", "mapping": "/etc/passwd"}, 400),
        ({"kind": "load", "source": "invoice", "path": "/etc/passwd"}, 400),
        ({"kind": "load", "source": "amlworld", "options": {"which": "../x"}}, 400),
        ({"kind": "loop"}, 403),
    ],
)
def test_what_cannot_be_done_is_refused_at_once(empty_site, asked, status):
    answer = empty_site.browser.post(f"{empty_site.url}/v1/jobs", json=asked)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert empty_site.json("/v1/jobs")["open"] == []


def test_files_that_cannot_be_taken(empty_site, monkeypatch):
    send = empty_site.browser.post
    to, form = f"{empty_site.url}/v1/uploads", f"{empty_site.url}/start/file"
    for name in ("a.xls", "a.csv.exe", "..", ""):
        assert send(to, params={"name": name}, content=b"a,b\n").status_code == 400, name
    assert send(to, params={"name": "a.csv"}, headers={"origin": "http://evil"}).status_code == 403
    assert send(form, files={"file": ("a.csv", b"a")}).status_code == 403  # no page of ours
    own = {"origin": empty_site.url}
    assert send(form, headers=own, data={"x": "y"}).status_code == 400
    monkeypatch.setenv("LIANDONG_UPLOAD_MB", "1")
    for address, ways in (
        (
            to,
            {
                "params": {"name": "a.csv"},
                "content": b"x" * 1_100_000,
                "headers": {"content-type": "text/csv"},
            },
        ),
        (form, {"headers": own, "files": {"file": ("a.csv", b"x" * 1_100_000)}}),
    ):
        assert "1000000" in send(address, **ways).text
    uploads = empty_site.board.store.lake.root.with_name("lake.uploads")
    assert not list(uploads.rglob("*.begun"))


def test_a_file_that_unpacks_to_far_more_is_not_read(empty_site, monkeypatch):
    monkeypatch.setenv("LIANDONG_UPLOAD_MB", "1")
    out = io.BytesIO()
    pq.write_table(pa.table({"net": pa.repeat(pa.scalar(0), 6_000_000)}), out)
    assert len(out.getvalue()) < 200_000
    to = f"{empty_site.url}/v1/uploads?name=b.parquet"
    upload = empty_site.browser.post(to, content=out.getvalue()).json()["upload"]
    problem = empty_site.json(f"/start/file?upload={upload}")["problem"]
    assert "unpacks" in problem["en"]


def test_a_sheet_of_a_workbook_is_chosen(empty_site, tmp_path):
    head = text("region_id", "name", "level")
    sheet = rows(head, text("330000", "浙江", "province"))
    path = workbook(tmp_path / "r.xlsx", cover=rows(""), 区划=sheet)
    to = f"{empty_site.url}/v1/uploads?name=r.xlsx"
    upload = empty_site.browser.post(to, content=path.read_bytes()).json()["upload"]
    first = empty_site.json(f"/start/file?upload={upload}")
    assert (first["sheets"], "no rows" in first["problem"]["en"]) == (["cover", "区划"], True)
    page = empty_site.get(f"/start/file?upload={upload}&sheet=区划").text
    assert "<option selected>区划</option>" in page
    form = {"upload": upload, "sheet": "区划", "mapped": "region", "c.name": "name",
            "c.region_id": "region_id", "c.level": "level"}  # fmt: skip
    assert empty_site.json("/start/file?check=1&" + urlencode(form))["counts"]["good"] == 1
    assert Draft.of(query := Query(form), "region").given(query)["sheet"] == "区划"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00\xff\x00\xfe" * 50, b"PK\x03\x04zip"])
def test_a_file_that_is_no_table_says_so_on_its_page(empty_site, content):
    to = f"{empty_site.url}/v1/uploads"
    upload = empty_site.browser.post(to, params={"name": "bad.csv"}, content=content).json()
    page = f"/start/file?upload={upload['upload']}&check=1"
    assert empty_site.json(page)["problem"]["zh"]
    assert empty_site.get(page, lang="zh").status_code == 200


def test_the_form_of_a_step_says_its_defaults(empty_site):
    assert len(empty_site.json("/jobs")["steps"]) == 7
    told = 0
    lines = {n: s.doc.partition("\n")[0].replace("``", "").rstrip(".") for n, s in steps().items()}
    assert {f"step.{n.replace('.', '_')}": en for n, en in lines.items()} == {
        n: words["en"] for n, words in catalogue().items() if n.startswith("step.")
    }
    for name, step in steps().items():
        need = {"as_of": "2024-01-01"} if "as_of" in step.rule.model_fields else {}
        try:
            plain = step.rule.make(**need)
        except UsageError:
            continue  # it wants more than a day
        given = {f["name"]: value_of(f["default"]) for f in fields(step.rule) if f["default"]}
        assert step.rule.make(**need, **given) == plain, name
        told += bool(given)
    assert told > 40
    page = empty_site.get("/jobs?step=match.allocate").text
    assert 'name="v.budget"' in page
    assert "Quotes of this day are used." in page
