"""Tables as SQLAlchemy Core; the DDL of SQLite and PostgreSQL comes from the same fields."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from liandong.schema.field import Field, Kind, Table
from liandong.schema.tables import TABLES


class UtcTime(sa.types.TypeDecorator[datetime]):
    """A moment in UTC; SQLite has no zones, so naive values are stored and marked UTC again."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse moments without a zone; hand the others over in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Return the moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_TYPES: dict[Kind, type[sa.types.TypeEngine[Any]]] = {
    "money": sa.BigInteger,
    "rate": sa.Integer,
    "int": sa.BigInteger,
    "float": sa.Double,
    "bool": sa.Boolean,
    "date": sa.Date,
    "time": UtcTime,
    "reasons": sa.JSON,
}


def sql_type(kind: Kind) -> sa.types.TypeEngine[Any]:
    """Return the SQLAlchemy type of a field kind; all kinds of text are TEXT."""
    return _TYPES.get(kind, sa.Text)()


def _column(f: Field, spec: Table) -> sa.Column[Any]:
    return sa.Column(
        f.name,
        sql_type(f.kind),
        primary_key=f.name in spec.key,
        nullable=f.null,
        autoincrement=False,
    )


def _make_metadata() -> sa.MetaData:
    metadata = sa.MetaData()
    for spec in TABLES.values():
        if spec.home == "books":
            sa.Table(spec.name, metadata, *(_column(f, spec) for f in spec.fields))
    # What the board knows of itself; not a table of the common tongue.
    sa.Table(
        "meta",
        metadata,
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    return metadata


METADATA = _make_metadata()
"""All book tables."""


def ddl(dialect: str) -> str:
    """Return the CREATE TABLE statements for ``sqlite`` or ``postgresql``."""
    chosen = sa.dialects.registry.load(dialect)()
    tables = METADATA.sorted_tables
    return "\n".join(str(sa.schema.CreateTable(t).compile(dialect=chosen)) for t in tables)
