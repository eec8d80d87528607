"""Requests of people are told with who made them, and there are not too many of them."""

import logging

import httpx

from support.attacked import program
from support.logins import desk_at


def test_each_may_ask_so_often_and_every_request_is_told(tmp_path, caplog) -> None:
    caplog.set_level(logging.INFO, "liandong.request")
    with desk_at(tmp_path, LIANDONG_REQUESTS_PER_MINUTE="5") as desk:
        for name in ("ann", "bob"):
            desk.add(name)
        reads = program(desk, "ann", "read")
        page = "/v1/tables/party?limit=1"
        with desk.visitor("ann") as ann, desk.visitor("bob") as bob:
            for _ in range(3):
                assert ann.browser.get("/acts").status_code == 200
            for _ in range(2):
                assert reads("GET", page).status_code == 200
            for late in (reads("GET", page), ann.browser.get("/acts")):
                assert late.status_code == 429
                assert 0 < int(late.headers["retry-after"]) <= 60
            assert "asked too often" in late.text
            assert reads("GET", page).json()["type"] == "urn:liandong:problem:too_many"
            assert bob.browser.get("/acts").status_code == 200
            for free in ("/health", "/ready", "/log/checkpoint", "/static/console.css", "/login"):
                for _ in range(7):
                    assert ann.browser.get(free).status_code != 429, free
        assert httpx.get(f"{desk.url}/acts").status_code == 401
    told = [r.about for r in caplog.records if r.name == "liandong.request"]
    asked = [(a["actor"], a["status"]) for a in told if a["route"] == "/v1/tables/{name}"]
    assert asked == [("ann", 200)] * 2
    assert [a["actor"] for a in told if a["route"] == "/acts"] == ["ann"] * 3 + ["bob"]
    assert [a["actor"] for a in told if a["status"] == 429] == ["ann"] * 3


def test_no_limit_is_a_limit_of_none(tmp_path) -> None:
    with desk_at(tmp_path, LIANDONG_REQUESTS_PER_MINUTE="0") as desk:
        desk.add("ann")
        with desk.visitor("ann") as ann:
            assert {ann.browser.get("/account").status_code for _ in range(20)} == {200}
