"""What is typed on the command line, read: days, moments, numbers of acts, files; keys written."""

from datetime import date, datetime
from pathlib import Path

from liandong.errors import DataError, UsageError
from liandong.texts import both


def day_of(text: str) -> date | None:
    """Return a day, None for an empty text; a moment counts for its day."""
    return moment_of(text).date() if text else None


def moment_of(text: str) -> datetime:
    """Return a moment, or the first of a day.

    Raises
    ------
    UsageError
        If the text is neither.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        what = both("fault.no_moment", said=text)
        raise UsageError(what=what, remedy=both("advice.moment")) from error


def number_of(text: str) -> int:
    """Return the number of an act; UsageError if it is none."""
    if not text.isdecimal():
        raise UsageError(what=both("fault.act_seq", value=text), remedy=both("advice.act"))
    return int(text)


def text_of(file: str) -> str:
    """Return the text of a file; DataError says why it cannot be read."""
    try:
        return Path(file).read_bytes().decode()  # what is signed is signed to the byte
    except (OSError, UnicodeDecodeError) as error:
        what = both("fault.unreadable", why=error)
        raise DataError(file=file, what=what, remedy=both("advice.log_text")) from error


def write_secret(path: Path, data: bytes) -> None:
    """Write a file that nobody else may read, never over another one.

    Raises
    ------
    UsageError
        If there is a file already, or none can be written.
    """
    try:
        with path.open("xb") as handle:
            path.chmod(0o600)
            handle.write(data)
    except OSError as error:
        what = both("fault.unwritable", path=path, why=error.strerror)
        raise UsageError(what=what, remedy=both("advice.new_file")) from error
