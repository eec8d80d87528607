"""Errors on the command line speak the reader's language, and that one alone."""

import json
import re
import sys

import pytest

import liandong as ld
from liandong.cli.main import run

CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
SENTENCE = re.compile(r"[A-Za-z']+( [A-Za-z']+){2,}")
CALLS = {
    "no table": ("table", "nothing"),
    "no step": ("run", "assess.nothing"),
    "no source": ("load", "nothing", "x.csv"),
    "no path": ("load", "invoice"),
    "no file": ("load", "invoice", "absent.csv"),
    "no encoding": ("load", "invoice", "full/letter.txt", "--encoding", "utf-9"),
    "no pair": ("run", "survey.gap", "word"),
    "no select": ("sql", "SET threads = 1"),
    "no field": ("why", "gap", "colour=1"),
    "no row": ("why", "gap", "index=none"),
    "no board": ("-b", "absent.board", "runs"),
    "no place": ("-b", "full", "init"),
    "no case": ("approve", "absent"),
    "nothing to approve": ("propose", "settle.disburse"),
    "no loan": ("run", "trace.follow", 'loans=["L9"]'),
    "few outcomes": ("run", "assess.fit", "as_of=2020-02-28"),
    "this machine only": ("serve", "--host", "0.0.0.0"),  # noqa: S104 - must be refused
    "no benchmark": ("bench", "nothing"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("messages")
    ld.open(folder / "liandong.board", actor="tester").close()
    (folder / "full").mkdir()
    (folder / "full" / "letter.txt").write_text("mine", encoding="utf-8")
    return folder


@pytest.fixture
def say(home, monkeypatch, capsys):
    """Call the command line in this process; return what it says when it ends in an error."""
    monkeypatch.chdir(home)

    def told(lang, *words):
        monkeypatch.setattr(sys, "argv", ["liandong", "--lang", lang, *words])
        with pytest.raises(SystemExit) as end:
            run()
        assert end.value.code > 1
        return capsys.readouterr().err.strip()

    return told


@pytest.mark.parametrize("words", CALLS.values(), ids=CALLS)
def test_one_language_at_a_time(say, words):
    zh, en = say("zh", *words), say("en", *words)
    assert CHINESE.search(zh)
    assert not SENTENCE.search(re.sub(r"`.*?`", "", zh)), zh
    assert SENTENCE.search(en)
    assert not CHINESE.search(en), en


def test_rows_put_by_hand_are_judged_in_both_languages(tmp_path):
    row = {"region_id": "310000", "period": "2020", "measure": "gdp", "vintage": "1"}
    with ld.open(tmp_path / "b.board", actor="tester") as board:
        import pyarrow as pa

        data = pa.Table.from_pylist([{**row, "value": 1.0, "unit": "x", "source": None}])
        with pytest.raises(ld.errors.DataError) as caught:
            board.put("hand", {"region_stat": data})
    assert not SENTENCE.search(caught.value.text("zh"))
    assert not CHINESE.search(caught.value.text("en"))
    assert json.dumps(caught.value.params["what"], ensure_ascii=False).count("source") == 2
