"""A watch as bytes, and back."""

import io
import json
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.schema.packing import packed as packed_table
from liandong.schema.packing import unpacked as unpacked_table
from liandong.trace.follow import FollowRule
from liandong.trace.live.queued import Lots
from liandong.trace.live.stream import Mark, Stream


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
    file = io.BytesIO()
    words = {"told": json.dumps(told).encode(), "account": packed_table(account)}
    arrays |= {n: np.frombuffer(w, np.uint8) for n, w in words.items()}
    np.savez(file, **arrays)
    return file.getvalue()


def unpacked(saved: bytes) -> Kept:
    """Return what was saved."""
    with np.load(io.BytesIO(saved), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    told = json.loads(arrays.pop("told").tobytes())
    account, _ = unpacked_table(arrays.pop("account").tobytes())
    rule = FollowRule.from_toml(told["rule"])
    return Kept(
        account, rule, told["late_hours"], told["words"], told["named"], told["numbers"], arrays
    )
