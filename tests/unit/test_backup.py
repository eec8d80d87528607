"""Backups: consistent while the board is written, each content once, and nothing half-made."""

import json
import signal
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

import liandong as ld
from liandong.errors import BoardError, DataError, NotFoundError
from liandong.govern.log.notes import Signer
from liandong.schema.arrow import build
from liandong.schema.sql import METADATA
from liandong.store.backup import Copied, back_up, restore
from liandong.testing.checks import digest
from support.boards import copied
from support.command import call

FILES = "files"


@pytest.fixture
def board(tmp_path):
    with ld.open(tmp_path / "t.board", actor="ann") as opened:
        fill(opened, 0)
        yield opened


def fill(board, number: int) -> None:
    columns = {
        "region_id": ["110000"], "period": [f"{2000 + number}"], "measure": ["gdp"],
        "vintage": ["v1"], "value": [float(number)], "unit": ["u"], "source": ["test"],
    }  # fmt: skip
    board.put(f"part{number}", {"region_stat": build("region_stat", columns)})


def contents(vault) -> set[str]:
    return {p.name for p in (vault / FILES).rglob("*") if p.is_file()}


def test_a_backup_is_the_board_of_that_moment(board, tmp_path) -> None:
    vault = tmp_path / "vault"
    board.log.seal(Signer.new("test.example/log"))
    first = back_up(board.store, vault)
    then, acts = digest(board.table("region_stat").arrow()), board.store.state()
    fill(board, 1)
    second = back_up(board.store, vault)
    now = digest(board.table("region_stat").arrow())
    for made, wanted in ((first, then), (second, now)):
        restore(vault, tmp_path / made.name, made.name)
        with ld.open(tmp_path / made.name, actor="bob") as again:
            assert again.check() == []
            assert again.log.faults() == []
            assert digest(again.table("region_stat").arrow()) == wanted
            fill(again, 7)
    with ld.open(tmp_path / first.name, actor="bob") as again:
        assert again.store.state() > acts


def test_the_same_content_is_copied_once(board, tmp_path) -> None:
    vault = tmp_path / "vault"
    first = back_up(board.store, vault)
    there = contents(vault)
    assert first.new == sum(p.stat().st_size for p in (vault / FILES).rglob("*") if p.is_file())
    again = back_up(board.store, vault)
    assert (again.new, contents(vault)) == (0, there)
    fill(board, 1)
    more = back_up(board.store, vault)
    assert len(contents(vault) - there) == 2  # the new snapshot, and the books
    assert more.files.keys() > first.files.keys()


def test_it_is_consistent_while_others_write(location, tmp_path) -> None:
    over, wrote = threading.Event(), threading.Event()

    def write() -> None:
        number = 1
        while not over.is_set():
            fill(board, number)
            wrote.set()
            number += 1

    def next_one() -> Copied:
        wrote.clear()
        assert wrote.wait(60)
        return back_up(board.store, tmp_path / "vault")

    with ld.open(location, actor="ann", lake=tmp_path / "lake") as board:
        fill(board, 0)
        writer = threading.Thread(target=write)
        writer.start()
        try:
            made = [next_one() for _ in range(4)]
        finally:
            over.set()
            writer.join()
    assert len(made[-1].files) > len(made[0].files)
    for i, one in enumerate(made):
        restore(tmp_path / "vault", tmp_path / f"{i}.board", one.name)
        with ld.open(tmp_path / f"{i}.board", actor="bob") as again:
            assert again.check() == []


KILLED = """
import os, signal, sys
import liandong as ld
from liandong.store import backup

left, keep = [int(sys.argv[3])], backup._Vault._copied

def copied(self, path):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return keep(self, path)

backup._Vault._copied = copied
with ld.open(sys.argv[1], actor="ann") as board:
    backup.back_up(board.store, backup.Path(sys.argv[2]))
"""


@pytest.mark.crash
def test_one_that_was_killed_is_none(board, tmp_path) -> None:
    vault = tmp_path / "vault"
    work = [sys.executable, "-c", KILLED, str(board.store.folder), str(vault), "2"]
    done = subprocess.run(work, check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert contents(vault)
    with pytest.raises(NotFoundError):
        restore(vault, tmp_path / "r.board")
    assert board.check() == []
    back_up(board.store, vault)
    restore(vault, tmp_path / "r.board")
    assert not [p for p in vault.iterdir() if p.name.startswith(".")]


def test_damage_is_found_and_nothing_is_overwritten(board, tmp_path) -> None:
    vault = tmp_path / "vault"
    made = back_up(board.store, vault)
    with pytest.raises(BoardError):
        restore(vault, board.store.folder)
    path = next(n for n in made.files if n.endswith(".parquet"))
    sha = made.files[path][0]
    there = vault / FILES / sha[:2] / sha
    there.write_bytes(b"other" + there.read_bytes()[5:])
    with pytest.raises(DataError):
        restore(vault, tmp_path / "r.board")
    there.unlink()
    with pytest.raises(DataError):
        restore(vault, tmp_path / "s.board")
    for name in ("r.board", "s.board"):
        assert not (tmp_path / name / "books.sqlite").exists()
    back_up(board.store, vault)  # what is gone is copied again
    restore(vault, tmp_path / "t2.board")


def test_the_commands(board, tmp_path) -> None:
    home = board.store.folder
    assert call("-b", home, "backup", "v", "--json", cwd=tmp_path)[0] == 0
    code, said, _ = call("restore", "v", "r.board", cwd=tmp_path)
    assert code == 0
    assert "all in order" in said
    assert call("restore", "v", "r.board", cwd=tmp_path)[0] == BoardError.exit_code
    assert call("restore", "none", "x.board", cwd=tmp_path)[0] == NotFoundError.exit_code


def rows(board) -> dict[str, list]:
    """All that the books have, whichever database they are in."""
    with board.store.books.engine.begin() as c:
        return {
            name: c.execute(sa.select(t).order_by(*t.primary_key.columns)).all()
            for name, t in METADATA.tables.items()
        }


@pytest.mark.postgres
def test_a_backup_becomes_a_board_of_either_kind(
    tmp_path_factory, postgres_url, tmp_path
) -> None:  # fmt: skip
    """Out of a folder into PostgreSQL, and out of there into a folder again: all rows are equal."""
    one, two = tmp_path / "one", tmp_path / "two"
    with copied(tmp_path_factory, tmp_path / "t.board") as board:
        board.log.seal(Signer.new("test.example/log"))
        board.people.add("ann", "a long enough password")
        wanted = rows(board)
        assert sum(map(bool, wanted.values())) > 20
        back_up(board.store, one)
    code, said, _ = call("restore", one, postgres_url, "--lake", "far/lake", cwd=tmp_path)
    assert (code, "all in order" in said) == (0, True)
    with ld.open(postgres_url, actor="ann") as board:
        wanted["meta"].append(("lake", str(tmp_path / "far" / "lake")))
        assert rows(board) == wanted
        assert board.check() == []
        assert board.log.faults() == []
        back_up(board.store, two)
        assert back_up(board.store, two).new == 0
    with pytest.raises(BoardError, match="createdb"):
        restore(two, postgres_url, lake=tmp_path / "other")
    assert not (tmp_path / "other").exists()
    restore(two, tmp_path / "u.board")
    with ld.open(tmp_path / "u.board", actor="ann") as board:
        wanted["meta"].remove(("lake", str(tmp_path / "far" / "lake")))
        assert rows(board) == wanted
        assert board.check() == []
        fill(board, 1)


@pytest.mark.parametrize(
    "name", ["lake/../../up", "lake//{tmp}/up", "log/./x", "else/x", "../up", "lake/"]
)
def test_a_list_leads_nowhere_else(board, tmp_path, name: str) -> None:
    vault = tmp_path / "vault"
    made = back_up(board.store, vault)
    listed = vault / "backups" / f"{made.name}.json"
    said = json.loads(listed.read_text("utf-8"))
    said["files"][name.format(tmp=tmp_path)] = said["files"]["books.sqlite"]
    listed.write_text(json.dumps(said), "utf-8")
    with pytest.raises(DataError):
        restore(vault, tmp_path / "new" / "board")
    assert not list(tmp_path.rglob("up"))
    listed.write_text("{", "utf-8")
    with pytest.raises(DataError):
        restore(vault, tmp_path / "new" / "board")
    assert back_up(board.store, vault).files  # one that is damaged keeps nobody from the next
