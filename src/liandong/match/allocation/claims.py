"""What a certificate claims, and the quotes it is about, as plain whole numbers.

Nothing here, nor in :mod:`liandong.match.allocation.verify`, is shared with what finds allocations.
"""

import hashlib
import json
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from struct import Struct
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from liandong.texts import both

FORMAT = 1
PPM = 1_000_000
UNIT = 100_000_000
BATCH = 65_536

WHOLE = ("limit", "value_rate", "rate")
COUNTED = ("expected_loss", "subsidy")
TEXTS = ("project_id", "product_id", "region_id", "industry")
FLAGS = ("micro", "first_time")
QUOTE = (*TEXTS, *FLAGS, *WHOLE, *COUNTED)
"""Fields of a quote that decide, beside ``as_of`` and ``eligible``."""

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Fault:
    """What does not hold, in which table and row.

    Attributes
    ----------
    code
        ``broken.…`` of the catalogue.
    where
        Table and key of the row, empty where the whole is meant.
    values
        What its words name.
    """

    code: str
    where: str
    values: dict[str, Any]

    def text(self, lang: str) -> str:
        """Say it in ``zh`` or ``en``."""
        said = both(self.code, **self.values)[lang]
        return f"{self.where}: {said}" if self.where else said


@dataclass
class Verdict:
    """What the check found; money in fen.

    Attributes
    ----------
    faults
        Empty if everything holds.
    value, bound
        Computed here: what was given out is worth, and what no allocation exceeds.
    projects, arcs, offers, used
        Projects that may be offered something, their quotes, offers of money, and that money.
    """

    faults: list[Fault] = field(default_factory=list)
    value: int = 0
    bound: int = 0
    projects: int = 0
    arcs: int = 0
    offers: int = 0
    used: int = 0

    @property
    def gap(self) -> int:
        """What the bound leaves open."""
        return self.bound - self.value

    def blame(self, code: str, where: str = "", **values: object) -> None:
        """Note a fault."""
        self.faults.append(Fault(code, where, values))

    def same(self, what: str, claimed: object, found: object, where: str = "") -> None:
        """Note a fault unless what is claimed was found."""
        if claimed != found:
            self.blame("broken.differs", where, what=what, claimed=claimed, found=found)


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: object) -> str:
    """Write JSON in the one way that is hashed: sorted keys, no spaces, text as it is."""
    return _ENCODER.encode(value)


def seal(certificate: Mapping[str, Any]) -> str:
    """Return the hash of all a certificate says, but for the seal itself."""
    said = {k: v for k, v in certificate.items() if k != "seal"}
    return hashlib.sha256(canonical(said).encode()).hexdigest()


class Kind(NamedTuple):
    """What all quotes of one product to one kind of applicant have in common.

    Attributes
    ----------
    number, least, step
        Of the product: its place in the order of ids, its least amount in whole steps, its step.
    price
        What a yuan costs at the prices, less what it earns, 1 / (PPM UNIT).
    held
        What a yuan adds to each limit, ppm, above what the limit wants of it.
    tail
        ``held`` as it is hashed.
    moving
        Limits that count what each quote says for itself: number, sign, column of COUNTED.
    """

    number: int
    least: int
    step: int
    price: int
    held: tuple[int, ...]
    tail: bytes
    moving: tuple[tuple[int, int, int], ...]

    def with_own(self, own: tuple[int, ...], terms: "Terms") -> "Kind":
        """Return the same for a quote with amounts of its own, in the order of COUNTED."""
        held, price = list(self.held), self.price
        for s, way, column in self.moving:
            held[s] += way * own[column]
            price -= terms.side[s] * way * own[column]
        return self._replace(price=price, held=tuple(held), tail=terms.packed(*held))


class Terms:
    """Limits and prices as a certificate states them.

    Parameters
    ----------
    certificate
        The certificate.
    product
        Rows of the table ``product`` by id, in the order of ids.
    """

    def __init__(
        self, certificate: Mapping[str, Any], product: Mapping[str, dict[str, Any]]
    ) -> None:
        self.limits = certificate["limits"]
        self.product = product
        self.number = {p: j for j, p in enumerate(product)}
        prices = certificate["prices"]
        self.side = [prices["side"].get(x["name"], 0) for x in self.limits]
        budget = prices["side"].get("budget", 0)
        self.price = {p: prices["product"].get(p, 0) + budget for p in product}
        self.least = [
            0 if x["bound"].endswith("_share") else sign(x) * x["at"] * PPM for x in self.limits
        ]
        self.packed = Struct(f"<{len(self.limits)}q").pack
        self._known: dict[tuple[Any, ...], Kind] = {}

    @property
    def smallest(self) -> int:
        """The least amount of all quotes that were looked at."""
        return min((k.least for k in self._known.values()), default=0)

    def kind(self, who: tuple[Any, ...]) -> Kind:
        """Return the kind of quotes of a product, micro, first_time, region and industry."""
        found = self._known.get(who)
        if found is None:
            found = self._known[who] = self._kind(who)
        return found

    def _kind(self, who: tuple[Any, ...]) -> Kind:
        terms, held, moving = self.product[who[0]], [], []
        for s, limit in enumerate(self.limits):
            share = limit["at"] if limit["bound"].endswith("_share") else 0
            measure, inside = limit["measure"], _inside(limit["of"], who, terms)
            if inside and measure in COUNTED:
                moving.append((s, sign(limit), COUNTED.index(measure)))
            of_all = {"amount": PPM, "guaranteed": terms["guarantee_cover"] or 0}
            counted = of_all[measure] if inside and measure not in COUNTED else 0
            held.append(sign(limit) * (counted - share))
        step = terms["step_amount"]
        earned = sum(p * x for p, x in zip(self.side, held, strict=True))
        return Kind(
            self.number[who[0]], -(-terms["min_amount"] // step) * step, step,
            self.price[who[0]] * PPM - earned, tuple(held), self.packed(*held), tuple(moving),
        )  # fmt: skip


def sign(limit: Mapping[str, Any]) -> int:
    """Return 1 for a floor and -1 for a cap."""
    return 1 if limit["bound"].startswith("least") else -1


def _inside(group: Mapping[str, Any], who: tuple[Any, ...], terms: Mapping[str, Any]) -> bool:
    """Tell whether a quote is of a group; what is not known is in no group."""
    _, micro, first_time, region, industry = who
    known = {"micro": micro, "first_time": first_time}
    ids = {"products": "product_id", "lenders": "lender_id", "guarantors": "guarantor_id"}
    codes = {"regions": region, "industries": industry}
    return (
        all(known[n] == int(v) for n, v in group.items() if n in known)
        and all(terms[ids[n]] in v for n, v in group.items() if n in ids)
        and all(
            any((codes[n] or "").startswith(c) for c in v) for n, v in group.items() if n in codes
        )
    )


def rows(arcs: pa.Table, tell: Tell | None) -> Iterator[tuple[Any, ...]]:
    """Yield quotes as tuples in the order of QUOTE; unknown is -1, or 0 of what limits count."""
    done = 0
    for batch in arcs.to_batches(BATCH):
        texts = (_texts(batch.column(n)) for n in TEXTS)
        whole = (_whole(batch.column(n), -1) for n in (*FLAGS, *WHOLE))
        counted = (_whole(batch.column(n), 0) for n in COUNTED)
        yield from zip(*texts, *whole, *counted, strict=True)
        done += len(batch)
        if tell:
            tell("quote", done, len(arcs))


def _whole(column: pa.Array, unknown: int) -> list[int]:
    numbers = array("q")
    filled = pc.fill_null(column.cast(pa.int64()), unknown)
    numbers.frombytes(memoryview(filled.buffers()[1])[8 * filled.offset :][: 8 * len(filled)])
    return numbers.tolist()


def _texts(column: pa.Array) -> list[str | None]:
    coded = column.dictionary_encode()
    words = [*coded.dictionary.to_pylist(), None]
    return [words[i] for i in _whole(coded.indices, -1)]
