"""Which firms two institutions have in common: neither sees the others of the other one.

Diffie-Hellman on points of ids (Meadows 1986; Huberman, Franklin and Hogg 1999). The holder of a
key publishes tags of its ids, each multiplied by the key (the *set-up*, which holds as long as key
and set do). Another one multiplies its own ids by a number drawn for the purpose and sends them
(*request*); the holder multiplies them by the key as well (*answer*); the other one takes its own
number off again, and knows by the tags which of its ids are in the set.

Both are taken to keep to the protocol. The holder learns how many ids are asked for; the other one
how many there are, and which of its own are there: whoever asks for guessed ids learns of those.
That is why a key answers for so many ids in all, for one purpose, until one day.
"""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from random import SystemRandom
from typing import Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from liandong.errors import DataError, LiandongError, UnfitError
from liandong.govern.sharing import points
from liandong.step.consents import asked_for, consenting
from liandong.texts import both

Kind = Literal["setup", "request", "answer", "kept"]
VERSION = 1
_HEAD = b"liandong.common"
_COLUMNS: dict[Kind, dict[str, pa.DataType]] = {
    "setup": {"tag": pa.uint64()},
    "request": {"point": pa.binary(points.SIZE)},
    "answer": {"point": pa.binary(points.SIZE)},
    "kept": {"id": pa.string()},
}


@dataclass(frozen=True)
class Key:
    """The secret of who publishes a set.

    Attributes
    ----------
    secret
        The number, in hexadecimal digits.
    purpose, until
        What it may be used for, and the last day.
    most
        For how many ids it answers in all.
    """

    secret: str
    purpose: str
    until: date
    most: int

    @classmethod
    def new(cls, purpose: str, until: date, most: int) -> Self:
        """Draw a key."""
        return cls(points.secret().hex(), purpose, until, most)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what :meth:`write` wrote; DataError if it is nothing of the kind."""
        try:
            said = json.loads(text)
            until, most = date.fromisoformat(said["until"]), int(said["most"])
            found = cls(**{**said, "until": until, "most": most})
            points.undoing(bytes.fromhex(found.secret))
        except (ValueError, TypeError, KeyError) as error:
            raise _unlike("fault.common_key") from error
        return found

    def write(self) -> str:
        """Return the key as text, to be kept where nobody else reads it."""
        return json.dumps({**asdict(self), "until": self.until.isoformat()})

    @property
    def id(self) -> str:
        """Hash of its public half."""
        key = X25519PrivateKey.from_private_bytes(bytes.fromhex(self.secret))
        return hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest()[:16]


@dataclass(frozen=True)
class Message:
    """What goes from one to the other, or is kept in between.

    Attributes
    ----------
    kind
        ``setup``, ``request``, ``answer``, or ``kept`` by who asks.
    key, purpose, until, dataset
        Which key it is for, what for, until when, and of which table's parties.
    request
        Hash of the request; empty of a set-up.
    rows
        One column: tags in order, points, or ids.
    secret
        The number of who asks; only of what is kept.
    """

    kind: Kind
    key: str
    purpose: str
    until: date
    dataset: str
    rows: pa.Table
    request: str = ""
    secret: str = ""

    def __len__(self) -> int:
        """Return how many ids it is about."""
        return len(self.rows)

    def write(self) -> bytes:
        """Return it as a file."""
        head = {n: str(getattr(self, n)) for n in _SAID} | {"version": VERSION, "count": len(self)}
        rows = self.rows.replace_schema_metadata({_HEAD: json.dumps(head)})
        sink = io.BytesIO()
        # Tags in order differ by less than they are long; points are as good as random.
        packed = {"column_encoding": {"tag": "DELTA_BINARY_PACKED"}} if self.kind == "setup" else {}
        pq.write_table(rows, sink, use_dictionary=False, compression="none", **packed)
        return sink.getvalue()

    @classmethod
    def read(cls, data: bytes, kind: Kind) -> Self:
        """Read a message of some kind; DataError if it is another thing, or not whole."""
        try:
            rows = pq.read_table(io.BytesIO(data))
            head = json.loads((rows.schema.metadata or {})[_HEAD])
            said = {n: head[n] for n in _SAID} | {"until": date.fromisoformat(head["until"])}
            undo = points.undoing(bytes.fromhex(head["secret"])) if kind == "kept" else b""
        except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
            raise _unlike("fault.common_message", kind=kind) from error
        rows = rows.replace_schema_metadata()
        whole = (head["kind"], head.get("version"), head.get("count")) == (kind, VERSION, len(rows))
        sound = rows.schema.remove_metadata() == pa.schema(_COLUMNS[kind].items())
        if not whole or not sound or undo is None or rows.column(0).null_count:
            raise _unlike("fault.common_message", kind=kind)
        return cls(rows=rows, **said)

    def need_until(self, day: date) -> None:
        """Refuse to use it once its time is over."""
        if day > self.until:
            raise _unlike("fault.common_over", day=self.until)

    @property
    def points(self) -> list[bytes]:
        """The points, in order."""
        return _bytes(self.rows["point"])


_SAID = ("kind", "key", "purpose", "until", "dataset", "request", "secret")


def members(
    party: pa.Table, rows: pa.Table, consent: pa.Table | None, dataset: str, purpose: str, day: date
) -> list[str]:
    """Return the unified credit codes of the parties of a table that may enter a set, each once.

    Parameters
    ----------
    party, rows, consent
        The tables; ``consent`` None: the law asks for none.
    dataset, purpose, day
        What consents have to be for, and when they have to hold.
    """
    inside = pc.is_in(party["party_id"], value_set=rows["party_id"].combine_chunks())
    if consent is not None:
        agree = consenting(asked_for(consent, purpose), dataset, day).combine_chunks()
        inside = pc.and_(inside, pc.is_in(party["party_id"], value_set=agree))
    codes = pc.drop_null(party["credit_code"].filter(inside)).unique()
    found: list[str] = sorted(codes.to_pylist())
    return found


def set_up(ids: Sequence[str], key: Key, dataset: str, workers: int = 1) -> Message:
    """Publish a set: tags of its ids, in an order that tells nothing.

    Another id has the tag of one of ``n`` by chance once in ``2**64 / n``.
    """
    tags = points.spread(points.blindly_tagged, ids, bytes.fromhex(key.secret), workers)
    rows = pa.table({"tag": np.unique(np.frombuffer(tags, "<u8"))})
    return Message("setup", key.id, key.purpose, key.until, dataset, rows)


def request(
    ids: Sequence[str], setup: Message, day: date, workers: int = 1
) -> tuple[Message, Message]:
    """Ask which of one's ids are in a set; return what to send, and what to keep to oneself.

    Raises
    ------
    DataError
        If the time of the set-up is over.
    """
    setup.need_until(day)
    drawn, order = points.secret(), [*ids]
    SystemRandom().shuffle(order)  # the place of a point tells nothing of its id
    sent = points.spread(points.blinded, order, drawn, workers)
    name = hashlib.sha256(sent).hexdigest()[:16]
    asked = replace(setup, kind="request", rows=_table(sent), request=name)
    return asked, replace(
        asked, kind="kept", rows=pa.table({"id": pa.array(order, pa.string())}), secret=drawn.hex()
    )


def answer(asked: Message, key: Key, day: date, workers: int = 1) -> Message:
    """Multiply the points of a request by the key.

    Raises
    ------
    DataError
        If it is for another key or purpose, too late, or has a point of small order.
    """
    if (asked.key, asked.purpose, asked.until) != (key.id, key.purpose, key.until):
        raise _unlike("fault.common_other_key")
    asked.need_until(day)
    try:
        found = points.spread(points.multiplied, asked.points, bytes.fromhex(key.secret), workers)
    except UnfitError as error:
        raise DataError(
            file="common", what=error.params["what"], remedy=both("advice.common")
        ) from error
    return replace(asked, kind="answer", rows=_table(found))


def result(setup: Message, answered: Message, kept: Message, workers: int = 1) -> list[str]:
    """Return which of the ids that were asked for are in the set, in order.

    Raises
    ------
    DataError
        If set-up, answer and what was kept are not of one request.
    """
    same = {(m.key, m.dataset) for m in (setup, answered, kept)}
    if len(same) > 1 or answered.request != kept.request or len(answered) != len(kept):
        raise _unlike("fault.common_apart")
    undo = points.undoing(bytes.fromhex(kept.secret))
    if undo is None:  # it was read, or drawn: then it can be undone
        raise _unlike("fault.common_message", kind="kept")
    tags = np.frombuffer(points.spread(points.tagged, answered.points, undo, workers), "<u8")
    there = np.isin(tags, setup.rows["tag"].to_numpy())
    found: list[str] = sorted(kept.rows["id"].filter(pa.array(there)).to_pylist())
    return found


def _table(joined: bytes) -> pa.Table:
    kind = pa.binary(points.SIZE)
    column = pa.Array.from_buffers(kind, len(joined) // points.SIZE, [None, pa.py_buffer(joined)])
    return pa.table({"point": column})


def _bytes(column: pa.ChunkedArray) -> list[bytes]:
    found: list[bytes] = column.to_pylist()
    return found


def _unlike(code: str, **about: object) -> LiandongError:
    return DataError(file="common", what=both(code, **about), remedy=both("advice.common"))
