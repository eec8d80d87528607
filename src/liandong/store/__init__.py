"""The only package that touches disk or SQL: books, lake, queries, migrations."""

from liandong.store.store import Store, content_id

__all__ = ["Store", "content_id"]
