"""The doctor: what is wrong is found, with a remedy in both languages; nothing is changed."""

import errno
import json
import os
import shutil
import stat
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread
from unittest import mock

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import liandong as ld
from liandong.cli.machine import machine, single_sign_on
from liandong.schema.arrow import build
from liandong.service.serve import port_taken
from liandong.store import checkup as module
from liandong.store.books import connect, url_of
from liandong.store.checkup import checkup, kind_of_disk
from liandong.store.migrate import REVISIONS, revision_at
from liandong.texts import LANGUAGES
from support.command import call

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:27 / /srv/far rw shared:3 - nfs4 store:/far rw
31 22 0:28 / /srv/with\\040space rw - cifs //store/x rw"""


@pytest.fixture
def home(tmp_path) -> Path:
    with ld.open(tmp_path / "t.board", actor="ann") as board:
        board.put("a", {})
    (tmp_path / "t.board").chmod(0o750)
    return tmp_path / "t.board"


def found(findings) -> dict[str, str]:
    seen = {}
    for f in findings:
        seen[f.what] = max(f.how, seen.get(f.what, ""), key=("", "ok", "warn", "fail").index)
        for lang in LANGUAGES:
            assert f.found[lang]
            assert bool(f.remedy(lang)) == (f.how != "ok")
    return seen


def test_a_board_in_order(home) -> None:
    seen = found(checkup(str(home), deep=True))
    assert seen.pop("flushing") in {"ok", "warn"}
    assert set(seen.values()) == {"ok"}
    assert set(seen) == {
        "permissions", "disk_floor", "network_disk", "standing", "parts", "writer", "clock", "check"
    }  # fmt: skip


def test_where_people_log_in_somebody_is_named_for_the_powers(home) -> None:
    with ld.open(home, actor="keeper") as board:
        board.people.add("ann")
        assert found(checkup(str(home)))["keeper"] == "warn"
        entry = {"power_id": "K", "holder": "ann", "action": "powers.change", "basis": "x"}
        board.powers.add([entry])
        assert found(checkup(str(home)))["keeper"] == "ok"


def _act(home, change: str, **values: object) -> None:
    with ld.open(home) as board, board.store.books.writing() as c:
        c.execute(sa.text(change), values)


def test_others_may_read_unless_a_folder_above_keeps_them_out(home) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # pytest's own is closed to others
        board = shutil.copytree(home, Path(folder, "b.board"))
        board.chmod(0o755)
        assert found(checkup(str(board)))["permissions"] == "ok"
        Path(folder).chmod(0o711)
        assert found(checkup(str(board)))["permissions"] == "warn"
        board.chmod(0o750)
        assert found(checkup(str(board)))["permissions"] == "ok"


def test_what_is_wrong_is_found(home, monkeypatch) -> None:
    assert found(checkup(str(home), floor=1 << 40))["disk_floor"] == "fail"
    monkeypatch.setattr(module, "kind_of_disk", lambda *_: "nfs4")
    assert found(checkup(str(home)))["network_disk"] == "fail"
    soon = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d %H:%M:%S.%f")
    _act(home, "DROP TRIGGER act_no_update")
    _act(home, "UPDATE act SET at = :at", at=soon)
    seen = found(checkup(str(home), deep=True))
    assert (seen["clock"], seen["standing"], seen["check"]) == ("fail", "fail", "fail")
    _act(home, "UPDATE alembic_version SET version_num = '9999'")
    assert found(checkup(str(home)))["newer"] == "fail"
    assert found(checkup(str(home.with_name("none")))) == {"board": "fail"}


def test_what_is_gone_damaged_or_shut_is_found(home, monkeypatch) -> None:
    columns = {
        "region_id": ["110000"], "period": ["2001"], "measure": ["gdp"], "vintage": ["v1"],
        "value": [1.0], "unit": ["u"], "source": ["test"],
    }  # fmt: skip
    with ld.open(home, actor="ann") as board:
        board.put("b", {"region_stat": build("region_stat", columns)})
        with board.store.writer("ann"):
            (writer,) = (f for f in checkup(str(home)) if f.what == "writer")
            assert f"pid {os.getpid()}" in writer.found["en"]
    (part,) = (home / "lake").rglob("*.parquet")
    kept = part.read_bytes()
    part.write_bytes(kept[:-1])
    assert found(checkup(str(home)))["parts"] == "fail"
    part.write_bytes(kept[:-1] + b"?")
    seen = found(checkup(str(home), deep=True))
    assert (seen["parts"], seen["check"]) == ("ok", "fail")
    part.unlink()
    assert found(checkup(str(home)))["parts"] == "fail"
    with monkeypatch.context() as patched:  # the user of the tests may do everything
        patched.setattr(os, "access", lambda path, need: Path(path).name != "books.sqlite")
        seen = found(checkup(str(home)))
        assert (seen["owner"], "flushing" in seen) == ("fail", False)
    (home / "books.sqlite").write_bytes(b"this is no database at all")
    assert found(checkup(str(home)))["unreachable"] == "fail"


def test_a_disk_that_refuses_is_found(home, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "TemporaryFile", full)
    assert found(checkup(str(home)))["disk_floor"] == "fail"


def test_it_does_not_bring_books_up_to_date(home) -> None:
    _act(home, "UPDATE alembic_version SET version_num = :old", old=REVISIONS[-2])
    assert found(checkup(str(home)))["standing"] == "warn"
    assert revision_at(str(home)) == REVISIONS[-2]


def test_a_board_of_an_older_version_is_brought_up_to_date_by_init(tmp_path) -> None:
    home = tmp_path / "old.board"
    home.mkdir(mode=0o750)
    engine, config = connect(url_of(str(home))), Config()
    config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
    with engine.connect().execution_options(writing=True) as c, c.begin():
        config.attributes["connection"] = c
        command.upgrade(config, REVISIONS[3])
    engine.dispose()
    assert found(checkup(str(home)))["standing"] == "warn"
    assert call("-b", home, "init", cwd=tmp_path)[0] == 0
    assert revision_at(str(home)) == REVISIONS[-1]
    assert found(checkup(str(home), deep=True))["check"] == "ok"


def test_kinds_of_disks() -> None:
    wanted = {"/srv": "ext4", "/srv/far": "nfs4", "/srv/far/a/b": "nfs4", "/srv/farther": "ext4",
              "/srv/with space/x": "cifs"}  # fmt: skip
    assert {p: kind_of_disk(Path(p), MOUNTS) for p in wanted} == wanted


def test_the_machine(tmp_path, monkeypatch) -> None:
    key = tmp_path / "key"
    key.touch()
    key.chmod(stat.S_IRUSR)
    monkeypatch.setenv("LIANDONG_LOG_KEY", str(key))
    seen = found(machine(0))
    assert (seen["python"], seen["packages"], seen["secret"]) == ("ok", "ok", "ok")
    key.chmod(0o644)
    monkeypatch.setenv("LIANDONG_PROXIES", "*")
    with port_taken(0) as held:
        seen = found(machine(held.getsockname()[1]))
    assert (seen["secret"], seen["hosts"], seen["port_free"]) == ("fail", "fail", "fail")
    monkeypatch.setenv("LIANDONG_LOG_KEY", str(tmp_path / "none"))
    monkeypatch.setenv("LIANDONG_PROXIES", "10.0.0.0/8, 127.0.0.1")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    seen = found(machine(0))
    assert (seen["secret"], seen["hosts"], seen["numba"]) == ("fail", "ok", "warn")


def test_who_logs_people_in(tmp_path) -> None:
    known = tmp_path / ".well-known" / "openid-configuration"
    known.parent.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    quiet = mock.patch.object(SimpleHTTPRequestHandler, "log_message")
    with HTTPServer(("127.0.0.1", 0), handler) as server, quiet:
        issuer = f"http://127.0.0.1:{server.server_port}"
        known.write_text(json.dumps({"issuer": issuer}))
        Thread(target=server.serve_forever).start()
        try:
            assert single_sign_on(issuer).how == "ok"
            known.write_text(json.dumps({"issuer": "http://other.example"}))
            assert single_sign_on(issuer).how == "fail"
            assert single_sign_on(f"{issuer}/none").how == "fail"
        finally:
            server.shutdown()
    assert single_sign_on("file:///etc/passwd").how == "fail"
    assert found([single_sign_on(issuer)]) == {"sign_on": "fail"}  # it has ended


def test_the_command(home) -> None:
    code, said, _ = call("-b", home, "doctor", "--json", cwd=home.parent)
    assert code == 0
    assert {"what", "how", "found", "remedy"} == json.loads(said)[0].keys()
    code, said, _ = call("-b", "none", "doctor", cwd=home.parent, LIANDONG_LANG="zh")
    assert code == 1
    assert "怎么办" in said


@pytest.mark.postgres
def test_settings_of_the_server(postgres_url, tmp_path) -> None:
    """The server of the tests flushes nothing, which in production would lose commits."""
    with ld.open(postgres_url, actor="ann", lake=tmp_path / "lake"):
        pass
    said = [f for f in checkup(postgres_url) if f.what == "postgres"]
    assert found(checkup(postgres_url.replace("host=", "host=none")))["unreachable"] == "fail"
    off = {f.about["wanted"].split()[0] for f in said if f.how == "fail"}
    assert off == {"fsync", "full_page_writes", "synchronous_commit"}
