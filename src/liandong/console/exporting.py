"""What leaves the board as a file is written into the log of acts."""

from liandong.console.reading import Reading

TABLE = "export.table"
"""What it takes to take rows away."""


def exported(reading: Reading, name: str, rows: int | None) -> None:
    """Log that somebody has taken rows away, once he may; pages that are looked at are no exports.

    Nothing is written where nobody logs in and the list of powers names nobody for it: a board of
    one's own.

    Parameters
    ----------
    reading
        Of whom, and how much he sees.
    name
        What was taken, such as ``firms/rows``.
    rows
        How many; None where that is not known beforehand.

    Raises
    ------
    RefusedError
        If the list of powers lets others export.
    """
    powers, caller = reading.board.powers, reading.caller
    powers.need(TABLE, name)
    if caller.how != "machine" or powers.named(TABLE):
        body = {"rows": rows, "masked": caller.sight.masked, "purpose": caller.sight.purpose,
                "all_rows": caller.sight.rows is None}  # fmt: skip
        powers.note("export", name, body, takes=TABLE)
