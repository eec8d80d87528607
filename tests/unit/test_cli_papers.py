"""Letters and reports from the command line."""

import pytest

from liandong.console.papers import paper
from liandong.errors import NotFoundError
from support.cards import DAY, explained_board
from support.command import call as typed


def call(*words, cwd):
    return typed("-b", "t.board", *words, cwd=cwd)


def test_papers_are_written(tmp_path):
    with explained_board(tmp_path / "t.board") as board:
        letter = paper(board, "letter", "E1", "zh", on=str(DAY), sender="甲银行")
        report = paper(board, "report", "E1", "en")
    words = ("letter", "party=E1", "--lang", "zh", "--as-of", str(DAY), "--sender", "甲银行")
    assert call(*words, "-o", "letter.html", cwd=tmp_path) == (0, "written to letter.html\n", "")
    assert (tmp_path / "letter.html").read_text("utf-8") == letter
    assert call("report", "party_id=E1", cwd=tmp_path) == (0, report + "\n", "")
    assert "甲银行" in letter
    for wrong in (("letter", "E1"), ("report", "party=E1", "x=1"), ("letter", "a=E1")):
        assert call(*wrong, cwd=tmp_path)[0] == 2
    code, _, told = call("letter", "party=E1", "--lang", "fr", cwd=tmp_path)
    assert (code, "zh, en" in told) == (2, True)
    code, _, told = call("letter", "party=E1", "--as-of", "2020-01-01", cwd=tmp_path)
    assert (code != 0, "E1" in told) == (True, True)


def test_no_letter_without_an_explanation(tmp_path):
    with explained_board(tmp_path / "t.board") as board:
        with pytest.raises(NotFoundError):
            paper(board, "letter", "E9", "en")
        explanation = {n: board.table(n).arrow().slice(0, 0) for n in ("explanation", "aim")}
        board.put("assess.explain@2024-06-30", explanation)
        with pytest.raises(NotFoundError, match=r"assess\.explain"):
            paper(board, "letter", "E1", "en")
