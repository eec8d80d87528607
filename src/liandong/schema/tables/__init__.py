"""All tables of the common tongue, by name."""

from liandong.errors import NotFoundError
from liandong.schema.field import Table
from liandong.schema.tables import facts, finance, ledger, parties, results, system

TABLES: dict[str, Table] = {
    t.name: t
    for module in (parties, facts, finance, ledger, results, system)
    for t in module.TABLES
}


def table(name: str) -> Table:
    """Return the table called ``name``.

    Raises
    ------
    NotFoundError
        If there is none; the message lists the names.
    """
    if name not in TABLES:
        raise NotFoundError(kind="table", name=name, remedy=f"Known: {', '.join(sorted(TABLES))}")
    return TABLES[name]
