"""Answers of the API speak the language that is asked for, alone."""

import re

import httpx

from support.site import Site


def test_an_answer_speaks_one_language(site: Site) -> None:
    zh = {"accept-language": "zh"}
    told = httpx.get(f"{site.url}/v1/steps", headers=zh).json()["steps"]
    assert [s["name"] for s in told if not re.search(r"[\u4e00-\u9fff]", s["says"])] == []
    one = httpx.get(f"{site.url}/v1/steps/match.quote", headers=zh).json()
    assert one["says"] == next(s["says"] for s in told if s["name"] == "match.quote")
    en = httpx.get(f"{site.url}/v1/steps/match.quote").json()
    assert en["says"].isascii()
    assert en["doc"] == one["doc"]
    for path, body, words in (
        ("jobs", '{"kind": "x"}', "应为其中之一：run、load、loop"),
        ("runs", '{"step"', "不是 JSON：第 7 个字符之后读不通"),
    ):
        headers = {**zh, "content-type": "application/json"}
        answer = httpx.post(f"{site.url}/v1/{path}", content=body, headers=headers).json()
        assert words in answer["detail"]
        assert " or " not in answer["detail"]
