"""A table as bytes, with a few words about it, and back."""

from collections.abc import Mapping

import pyarrow as pa


def packed(data: pa.Table, about: Mapping[str, str] | None = None) -> bytes:
    """Return a table as bytes (an Arrow stream): the same rows in the same pieces, the same bytes.

    Parameters
    ----------
    data
        The table; words about it that it has already give way to ``about``.
    about
        Words by name, for :func:`unpacked`.

    Examples
    --------
    >>> data, about = unpacked(packed(pa.table({"n": [1, 2]}), {"clock": "7"}))
    >>> data["n"].to_pylist(), about
    ([1, 2], {'clock': '7'})
    """
    told = data.replace_schema_metadata(dict(about) if about else None)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, told.schema) as stream:
        stream.write_table(told)
    return bytes(sink.getvalue())


def unpacked(saved: bytes) -> tuple[pa.Table, dict[str, str]]:
    """Return a table and the words about it."""
    found = pa.ipc.open_stream(saved).read_all()
    about = {k.decode(): v.decode() for k, v in (found.schema.metadata or {}).items()}
    return found.replace_schema_metadata(), about
