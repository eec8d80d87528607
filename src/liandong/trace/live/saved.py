"""A watch as bytes, and back."""

import io
import json
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.trace.follow import FollowRule
from liandong.trace.live.queued import Lots
from liandong.trace.live.stream import Mark, Stream

Bytes = NDArray[np.uint8]


class Kept(NamedTuple):
    """What was saved: accounts at the start, rule and bound, what was told, and arrays."""

    account: pa.Table
    rule: FollowRule
    late_hours: int
    words: dict[str, list[str]]
    named: dict[str, tuple[str, int, int]]
    numbers: tuple[int, int]
    arrays: dict[str, NDArray[Any]]

    def fill(self, stream: Stream) -> None:
        """Bring a new stream to where the saved one was."""
        for name in self.words["order"]:
            which, _, told = name.partition(":")
            (stream.nodes.of if which == "account" else stream.nodes.of_loan)(told)
        stream.rows.fill(self.arrays["narrow"], self.arrays["wide"], self.words["ids"])
        stream.named = {f: (ref, giver, taker) for f, (ref, giver, taker) in self.named.items()}
        row, stream.total = self.numbers
        lots = Lots(*(self.arrays[f"lots_{name}"] for name in Lots._fields))
        stream.go_on(Mark(row, lots))


def packed(stream: Stream, account: pa.Table, rule: FollowRule, late_hours: int) -> bytes:
    """Return a stream as bytes."""
    mark, narrow, wide = stream.marked()
    nodes = stream.nodes
    new = [(n, f"account:{a}") for a, n in nodes.account.items() if n >= len(nodes.opening)]
    new += [(n, f"loan:{a}") for a, n in zip(nodes.loan, nodes.source, strict=True)]
    told = {
        "rule": rule.to_toml(), "late_hours": late_hours, "named": stream.named,
        "words": {"order": [name for _, name in sorted(new)], "ids": stream.rows.ids},
        "numbers": (mark.row, stream.total),
    }  # fmt: skip
    arrays: dict[str, Any] = {"narrow": narrow, "wide": wide}
    arrays |= {f"lots_{n}": a for n, a in mark.lots._asdict().items()}
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, account.schema) as table:
        table.write_table(account)
    file = io.BytesIO()
    np.savez(
        file, told=_bytes(json.dumps(told).encode()), account=_bytes(sink.getvalue()), **arrays
    )
    return file.getvalue()


def unpacked(saved: bytes) -> Kept:
    """Return what was saved."""
    with np.load(io.BytesIO(saved), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    told = json.loads(arrays.pop("told").tobytes())
    account = pa.ipc.open_stream(arrays.pop("account").tobytes()).read_all()
    rule = FollowRule.from_toml(told["rule"])
    return Kept(
        account, rule, told["late_hours"], told["words"], told["named"], told["numbers"], arrays
    )


def _bytes(data: bytes | pa.Buffer) -> Bytes:
    return np.frombuffer(data, np.uint8)
