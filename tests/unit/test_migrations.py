"""The migrations make just what the schema says, in both databases."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from liandong.schema.sql import METADATA
from liandong.store import migrate


def test_migrated_books_equal_the_schema(board):
    with board.store.books.engine.connect() as c:
        context = MigrationContext.configure(
            c, opts={"compare_type": True, "include_object": _table}
        )
        difference = [
            d for d in compare_metadata(context, METADATA) if "alembic_version" not in str(d)
        ]
    assert difference == []


def _table(thing, *_):
    return not thing.info.get("view")


def test_the_list_of_revisions_is_complete():
    folder = Path(migrate.__file__).parent / "migrations" / "versions"
    assert tuple(sorted(p.name[:4] for p in folder.glob("[0-9]*.py"))) == migrate.REVISIONS
