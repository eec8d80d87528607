"""Bringing the books to this version's shape, and refusing those of a newer one."""

from importlib.resources import files

import sqlalchemy as sa

from liandong.errors import BoardVersionError, NotFoundError
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
    found = _revision(engine)
    if found is None and not create:
        raise NotFoundError(kind=both("kind.board"), name=board, remedy=both("advice.init_board"))
    if found == REVISIONS[-1]:
        return
    if found is not None and found not in REVISIONS:
        raise BoardVersionError(board=board, found=found, known=REVISIONS[-1])
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("liandong.store") / "migrations"))
    with engine.connect().execution_options(writing=True) as c, c.begin():
        config.attributes["connection"] = c
        command.upgrade(config, "head")


def _revision(engine: sa.Engine) -> str | None:
    if not sa.inspect(engine).has_table("alembic_version"):
        return None
    with engine.begin() as c:
        found = c.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)
