"""The command that holds a name against the negative lists."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

import liandong as ld
from liandong.cli.main import app
from liandong.errors import DataError, UsageError
from liandong.schema.arrow import build


@pytest.fixture(scope="module")
def board(tmp_path_factory) -> str:
    location = str(tmp_path_factory.mktemp("lists") / "l.board")
    rows = build("watchlist", {
        "list_id": ["debtors", "bans"], "entry_id": ["1", "2"], "basis": ["失信被执行人", None],
        "name": ["上海恒泰贸易有限公司", "John Smith"], "valid_to": [None, date(2024, 12, 31)],
    })  # fmt: skip
    with ld.open(location, actor="tester") as found:
        found.put("test", {"watchlist": rows})
    return location


def call(board: str, *words: str, lang: str = "en"):
    return CliRunner().invoke(app, ["-b", board, "--lang", lang, "screen", *words])


def test_hits_come_with_their_reasons_in_both_languages(board):
    english = call(board, "上海恒太贸易有限公司").output.splitlines()
    assert english[0].split() == ["82", "上海恒泰贸易有限公司", "debtors", "1", "失信被执行人"] or (
        english[0].split()[0] == "90"  # with pinyin: the brands sound alike
    )
    assert any("apart" in e or "sound" in e for e in english[1:])
    assert "相" in call(board, "上海恒太贸易有限公司", lang="zh").output.splitlines()[1]
    found = json.loads(call(board, "J. Smith", "--on", "2024-06-01", "--json").output)
    assert [(r["entry_id"], r["score"], r["hit"]) for r in found] == [("2", 780_000, False)]
    assert sum(r["points"] for r in found[0]["reasons"]) == 78
    assert "not enough for a hit" in call(board, "J. Smith", "--on", "2024-06-01").output


def test_what_is_not_listed_and_what_cannot_be_asked(board, tmp_path):
    assert "nothing like it" in call(board, "John Smith", "--on", "2025-01-01").output
    assert isinstance(call(board, "John Smith", "--on", "someday").exception, UsageError)
    ld.open(str(tmp_path / "e.board"), actor="tester").close()
    assert isinstance(call(str(tmp_path / "e.board"), "John Smith").exception, DataError)
