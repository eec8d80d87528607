"""Lists of the API that are no tables: they go on by a cursor, answer HEAD, and are described."""

import pytest

import liandong as ld
from liandong.console.jobdesk import ask_run, jobs_of
from support.paging import HTTP, pages
from support.site import Site, serving


def test_the_wall_goes_on_where_it_ended(site: Site) -> None:
    whole = HTTP.get(f"{site.url}/v1/alerts?limit=1000").json()
    assert whole["next"] is None
    for asked in ("limit=7", "limit=3&level=red"):
        found = pages(site.url, f"/v1/alerts?{asked}")
        wanted = HTTP.get(f"{site.url}/v1/alerts?{asked}&limit=1000").json()
        assert found == wanted["rows"]
        assert len(found) == wanted["total"] > 0
    second = HTTP.get(f"{site.url}/v1/alerts?limit=7&page=2").json()["rows"]
    assert second == whole["rows"][7:14]
    first = HTTP.get(f"{site.url}/v1/alerts?limit=7").json()["next"]
    for wrong in ("x", f"{first}&level=red"):
        assert HTTP.get(f"{site.url}/v1/alerts?cursor={wrong}").status_code == 400


def test_jobs_go_on_by_a_cursor(tmp_path_factory: pytest.TempPathFactory) -> None:
    location = tmp_path_factory.mktemp("jobs") / "b"
    with ld.open(location, actor="ann") as board:
        ids = [ask_run(board, "survey.gap", {}) for _ in range(5)]
        for job in ids:
            jobs_of(board).cancel(job)
        with serving(location, actor="ann") as url:
            found, cursor = [], ""
            while cursor is not None:
                page = HTTP.get(f"{url}/v1/jobs?limit=2&cursor={cursor}").json()
                found, cursor = found + page["ended"], page["next"]
            assert [j["job_id"] for j in found] == ids[::-1]
            assert HTTP.get(f"{url}/v1/jobs?cursor=x").status_code == 400


def test_heads_and_the_list_of_resources_are_answered(site: Site) -> None:
    for path in ("/v1/tables/party?limit=2", "/v1/steps", "/v1/cases?limit=1"):
        head, whole = HTTP.head(site.url + path), HTTP.get(site.url + path)
        assert (head.status_code, head.content) == (200, b"")
        same = ("content-type", "etag")
        assert [head.headers[n] for n in same] == [whole.headers[n] for n in same]
    assert HTTP.head(f"{site.url}/v1/runs/nothing").status_code == 404
    assert HTTP.head(f"{site.url}/v1/uploads").status_code == 405
    groups = HTTP.get(f"{site.url}/v1?format=json").json()["resources"]
    paths = {r["path"] for rows in groups.values() for r in rows}
    assert {"/v1/tables/{name}", "/v1/alerts", "/v1/cases"} <= paths


def test_what_is_wrong_is_described_as_it_is_answered(site: Site) -> None:
    document = HTTP.get(f"{site.url}/v1/openapi.json").json()
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if status.startswith(("4", "5")):
                    assert [*answer["content"]] == ["application/problem+json"], path
    wrong = HTTP.get(f"{site.url}/log/proof/x")
    assert (wrong.status_code, wrong.headers["content-type"]) == (422, "application/problem+json")
