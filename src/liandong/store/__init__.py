"""The only package that touches disk or SQL: books, lake, queries, migrations."""

from liandong.store.books import content_id
from liandong.store.store import Store

__all__ = ["Store", "content_id"]
