"""Bringing the books to this version's shape, and refusing those of a newer one."""

from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa

from liandong.errors import BoardVersionError, NotFoundError
from liandong.store.books import reaching, url_of, visit
from liandong.texts import both

REVISIONS = (
    "0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012",
    "0014", "0015", "0016",
)  # fmt: skip
"""All revisions this version knows, oldest first; a test holds them against the migrations."""


def migrate(engine: sa.Engine, board: str, *, create: bool = True) -> None:
    """Create the books, or bring them up to date.

    Raises
    ------
    BoardVersionError
        If they were made by a newer liandong.
    NotFoundError
        If there are none and ``create`` is off.
    """
    found = revision(engine)
    if found is None and not create:
        raise NotFoundError(kind=both("kind.board"), name=board, remedy=both("advice.init_board"))
    if found == REVISIONS[-1]:
        return
    if found is not None and found not in REVISIONS:
        raise BoardVersionError(board=board, found=found, known=REVISIONS[-1])
    with engine.connect().execution_options(writing=True) as c, c.begin():
        upgrade(c)


def upgrade(c: sa.Connection) -> None:
    """Bring the books behind a connection up to date, inside its transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("liandong.store") / "migrations"))
    config.attributes["connection"] = c
    command.upgrade(config, "head")


def revision_at(location: str) -> str | None:
    """Return the revision of the books at ``location`` as they are; None if there are none.

    Raises
    ------
    BoardError
        If they cannot be read.
    """
    url = url_of(location)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return None
    with visit(location) as engine, reaching(location):
        return revision(engine)


def revision(engine: sa.Engine) -> str | None:
    """Return the revision that books have; None if there are none."""
    if not sa.inspect(engine).has_table("alembic_version"):
        return None
    with engine.begin() as c:
        found = c.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)
