"""Tables to which rows are only ever added, by the word of the database itself."""

from typing import Any


def only_append(op: Any, name: str) -> None:  # noqa: ANN401 - what a migration works with
    """Make the database refuse to change or delete rows of a table.

    Parameters
    ----------
    op
        The operations of a migration.
    name
        The table.
    """
    forbid = _postgresql if op.get_bind().dialect.name == "postgresql" else _sqlite
    forbid(op, name)


def _sqlite(op: Any, name: str) -> None:  # noqa: ANN401 - as above
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
        )


def _postgresql(op: Any, name: str) -> None:  # noqa: ANN401 - as above
    op.execute(
        f"CREATE FUNCTION {name}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{name} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}_append_only()"
    )


def allow(op: Any, name: str, change: str) -> None:  # noqa: ANN401 - as above
    """Let rows of a table that only grows be changed in one way.

    Parameters
    ----------
    op
        The operations of a migration.
    name
        The table.
    change
        Condition over OLD and NEW, the row before and after.
    """
    unless = f"WHEN (NOT COALESCE({change}, FALSE))"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {name}_append_only ON {name}")
        op.execute(
            f"CREATE TRIGGER {name}_append_only BEFORE DELETE OR TRUNCATE ON {name} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} FOR EACH ROW {unless} "
            f"EXECUTE FUNCTION {name}_append_only()"
        )
        return
    op.execute(f"DROP TRIGGER {name}_no_update")
    op.execute(
        f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} {unless} "
        f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
    )
