"""Tables as SQLAlchemy Core; the DDL of SQLite and PostgreSQL comes from the same fields."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from liandong.schema.field import Field, Kind, Table
from liandong.schema.tables import TABLES
from liandong.schema.tables.ledger import COUNTERS


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


PAGE = 16
"""Accounts whose counters are written as one row."""
WIDTH = 19
"""Digits of a counter in a page, zeros ahead: what databases and this program read alike."""


def _balance() -> str:
    first = f"p.place % {PAGE} * {len(COUNTERS) * WIDTH} + 1"
    counters = ",\n\t".join(
        f"CAST(substr(g.counters, {first} + {k * WIDTH}, {WIDTH}) AS BIGINT) AS {name}"
        for k, name in enumerate(COUNTERS)
    )
    joined = f"balance_place p JOIN balance_page g ON g.page = p.place / {PAGE}"
    return f"SELECT p.account_id,\n\t{counters}\nFROM {joined}"


VIEWS = {"balance": _balance()}
"""Book tables that are read from others, and how: the same words in both databases."""


def _make_metadata() -> sa.MetaData:
    metadata = sa.MetaData()
    for spec in TABLES.values():
        if spec.home == "books":
            columns = (_column(f, spec) for f in spec.fields)
            sa.Table(spec.name, metadata, *columns, info={"view": spec.name in VIEWS})
    # Where counters are kept: many accounts a row, since each row that changes costs the same.
    sa.Table(
        "balance_place",
        metadata,
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("place", sa.Integer, nullable=False, unique=True),
    )
    sa.Table(
        "balance_page",
        metadata,
        sa.Column("page", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("counters", sa.Text, nullable=False),
    )
    # What was answered to requests that carry a key, so that the same one again is not done twice.
    sa.Table(
        "answer",
        metadata,
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("began_at", UtcTime, nullable=False),
        sa.Column("until", UtcTime, nullable=False),
        sa.Column("acted", sa.Boolean, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("head", sa.Text),
        sa.Column("body", sa.LargeBinary),
    )
    # What the board knows of itself; not a table of the common tongue.
    sa.Table(
        "meta",
        metadata,
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    _add_logins(metadata)
    return metadata


def _add_logins(metadata: sa.MetaData) -> None:
    """Add who logs in, and by what: no tables of the common tongue, so nothing ever shows them."""

    def text(name: str, **more: Any) -> sa.Column[Any]:  # noqa: ANN401 - as SQLAlchemy has it
        return sa.Column(name, sa.Text, **more)

    def time(name: str, **more: Any) -> sa.Column[Any]:  # noqa: ANN401 - as SQLAlchemy has it
        return sa.Column(name, UtcTime, **more)

    need: dict[str, Any] = {"nullable": False}
    sa.Table(
        "login_person", metadata, text("name", primary_key=True), text("password"), text("totp"),
        sa.Column("totp_step", sa.BigInteger), text("recovery", **need),
        sa.Column("disabled", sa.Boolean, **need), text("issuer"), text("subject"),
        sa.UniqueConstraint("issuer", "subject"),
    )  # fmt: skip
    sa.Table(
        "login_attempt", metadata, text("name", primary_key=True),
        sa.Column("failures", sa.Integer, **need), time("until", **need),
    )  # fmt: skip
    sa.Table(
        "login_session", metadata, text("token", primary_key=True),
        text("person", index=True, **need), text("how", **need), time("made_at", **need),
        time("seen_at", **need), time("ends_at", **need), sa.Column("idle", sa.Integer, **need),
    )  # fmt: skip
    sa.Table(
        "login_token", metadata, text("token", primary_key=True),
        text("person", index=True, **need), text("label", **need), text("scope", **need),
        time("made_at", **need), time("ends_at", **need), time("used_at"), time("revoked_at"),
    )  # fmt: skip


METADATA = _make_metadata()
"""All book tables."""


def ddl(dialect: str) -> str:
    """Return the statements that create tables and views in ``sqlite`` or ``postgresql``."""
    chosen = sa.dialects.registry.load(dialect)()
    tables = [t for t in METADATA.sorted_tables if t.name not in VIEWS]
    made = [str(sa.schema.CreateTable(t).compile(dialect=chosen)) for t in tables]
    return "\n".join([*made, *(f"\nCREATE VIEW {n} AS\n{q}" for n, q in VIEWS.items())])
