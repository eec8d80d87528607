"""Checking a certificate in one pass: plain whole numbers, and nothing of what found it.

A certificate says: of these quotes and products, under these limits, this was given out; it is
worth so much; and nobody can do better than the bound. All of it is computed here once more from
the tables. ``docs/recipes/certificate.md`` describes the file, so that others can write a check of
their own; see :func:`verify` for what is held.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import groupby, pairwise
from operator import itemgetter
from struct import Struct
from struct import error as StructError  # noqa: N812 - it is a class
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from liandong.match.allocation.claims import (
    FORMAT,
    PPM,
    QUOTE,
    UNIT,
    Kind,
    Tell,
    Terms,
    Verdict,
    canonical,
    rows,
    seal,
)

FINE = UNIT // PPM
RECORD, NUMBER = Struct("<6q"), Struct("<q")
ORDERED = json.JSONEncoder(ensure_ascii=False)
ROUNDED = 3
"""Parts of the price of an arc that its finder may have rounded up by less than 1 / UNIT each."""


def verify(
    certificate: Mapping[str, Any],
    quote: pa.Table,
    product: pa.Table,
    offer: pa.Table,
    tell: Tell | None = None,
) -> Verdict:
    """Hold a certificate against the tables it is about.

    Held are: its own seal; the hashes of data, offers and order; that every offer of money is for
    an eligible quote, between its least and its most, in whole steps, at its rate, and worth what
    it says; one offer a project, or shares of one together; capacities, budget and every limit, in
    fen; value, bound and counts; that of equals those with the lower salted hash come first; and
    the commitment of the salt. A certificate of a conflict is held to its proof instead: prices
    at which limits ask for more than anybody could give.

    Parameters
    ----------
    certificate
        As read from its file.
    quote, product, offer
        Tables of the schema; rows of other days do not matter, nor does any order.
    tell
        Is told of progress.
    """
    verdict = Verdict()
    if certificate.get("format") != FORMAT:
        verdict.blame("broken.format", claimed=certificate.get("format"), known=FORMAT)
        return verdict
    verdict.same("seal", certificate.get("seal"), seal(certificate))
    try:
        _priced(certificate["prices"])
        _Pass(certificate, product, offer, verdict).over(_arcs(quote, certificate["as_of"]), tell)
    except (AttributeError, KeyError, StructError, TypeError, ValueError) as error:
        verdict.blame("broken.unreadable", why=f"{type(error).__name__}: {error}")
    return verdict


def _priced(prices: Mapping[str, Mapping[str, int]]) -> None:
    """Refuse prices that prove nothing."""
    for name, price in [*prices["product"].items(), *prices["side"].items()]:
        if type(price) is not int or price < 0:
            raise ValueError(f"{name}: {price}")


def _arcs(quote: pa.Table, day: str) -> pa.Table:
    """Return the quotes of the day that can become offers, by project and product."""
    kept = quote
    if "as_of" in quote.column_names:
        today = pc.equal(quote["as_of"].cast(pa.string()), day)
        gain = pc.fill_null(pc.greater(quote["value_rate"], 0), fill_value=False)
        kept = quote.filter(pc.and_(pc.and_(today, quote["eligible"]), gain))
    kept = kept.select(QUOTE).combine_chunks()
    project, product = kept["project_id"], kept["product_id"]
    later = pc.greater(project[1:], project[:-1])
    beside = pc.and_(
        pc.equal(project[1:], project[:-1]), pc.greater_equal(product[1:], product[:-1])
    )
    if pc.all(pc.or_(later, beside)).as_py() is not False:
        return kept
    return kept.sort_by([("project_id", "ascending"), ("product_id", "ascending")])


class _Pass:
    """One pass over all quotes."""

    def __init__(
        self, certificate: Mapping[str, Any], product: pa.Table, offer: pa.Table, verdict: Verdict
    ) -> None:
        terms = sorted(product.to_pylist(), key=lambda r: r["product_id"])
        self.products = {r["product_id"]: r for r in terms}
        self.certificate, self.verdict = certificate, verdict
        self.conflict = certificate.get("kind") == "conflict"
        self.rate = certificate["rate"] if self.conflict else None
        self.terms = Terms(certificate, self.products)
        self.offers = _paid(offer, certificate, verdict)
        self.by_product: dict[str, int] = defaultdict(int)
        self.by_limit = [0] * len(self.terms.limits)
        self.best = self.most = 0
        self.equals: dict[bytes, list[tuple[str, str, tuple[int, int]]]] = defaultdict(list)
        self.order: list[tuple[str, str]] = []
        self.projects, self.arcs = hashlib.sha256(), hashlib.sha256()

    def over(self, arcs: pa.Table, tell: Tell | None) -> None:
        """Go over all quotes, then judge the sums."""
        for project, quotes in groupby(rows(arcs, tell), itemgetter(0)):
            self._project(project, quotes)
        self.verdict.arcs = len(arcs)
        for project, left in self.offers.items():
            for name in left:
                self.verdict.blame("broken.no_quote", f"offer {project} {name}")
        self._judge()

    def _project(self, project: str, quotes: Iterable[tuple[Any, ...]]) -> None:
        """Work on all quotes of one project."""
        packed, best, largest, paid = [], 0, 0, self.offers.pop(project, None)
        got: list[Any] = [0, 0, Fraction(0)]
        for row in quotes:
            _, name, region, industry, micro, first_time, most, worth, rate = row[:9]
            if name not in self.products:
                self.verdict.blame("broken.no_product", f"quote {project} {name}", product=name)
                continue
            kind = self.terms.kind((name, micro, first_time, region, industry))
            if kind.moving:
                kind = kind.with_own(row[9:], self.terms)
            packed.append(
                RECORD.pack(kind.number, kind.least, most, kind.step, worth * FINE, rate)
                + kind.tail
            )
            gain = most * ((worth * UNIT if self.rate is None else self.rate * PPM) - kind.price)
            best = max(best, gain)
            largest = max(largest, most)
            if paid is not None and name in paid:
                self._paid(project, name, paid.pop(name), (most, worth, rate), kind, got)
        if paid:
            self.offers[project] = paid
        number = NUMBER.pack(self.verdict.projects)
        self.arcs.update(b"".join(number + p for p in packed))
        self.projects.update(canonical(project).encode() + b"\n")
        if not self.conflict:
            key = _order(self.certificate["salt"], project)
            self.order.append((key, project))
            alike = hashlib.blake2b(b"".join(packed), digest_size=16).digest()
            self.equals[alike].append((key, project, (got[0], got[1])))
        self.best, self.most = self.best + best, self.most + largest
        self.verdict.projects += 1

    def _paid(
        self, project: str, name: str, paid: tuple[int, int, int], quote: tuple[int, int, int],
        kind: Kind, got: list[Any],
    ) -> None:  # fmt: skip
        """Judge one offer of money and add it up; ``got``: value, amount, share of its project."""
        (amount, claimed, at), (most, worth, rate) = paid, quote
        where, verdict = f"offer {project} {name}", self.verdict
        highest = min(most, self.products[name]["max_amount"])
        if not kind.least <= amount <= highest or amount % kind.step:
            bounds = {"least": kind.least, "most": highest, "step": kind.step}
            verdict.blame("broken.amount", where, amount=amount, **bounds)
        value = amount * worth // PPM
        verdict.same("value", claimed, value, where)
        verdict.same("rate", at, rate, where)
        several = bool(got[1])
        got[:2] = got[0] + value, got[1] + amount
        if self.certificate["together"]:
            got[2] += Fraction(amount, most)
        if got[2] > 1 or (several and not self.certificate["together"]):
            verdict.blame("broken.twice", where)
        self.by_product[name] += amount
        for s, part in enumerate(kind.held):
            self.by_limit[s] += amount * part
        verdict.value += value
        verdict.used += amount
        verdict.offers += 1

    def _judge(self) -> None:
        """Hold sums and hashes against what is claimed."""
        found, said = self.verdict, self.certificate
        found.same("data", said["data"], self._data())
        found.bound = -(-self._proved() // (PPM * UNIT))
        counts = {"projects": found.projects, "arcs": found.arcs, "products": len(self.products)}
        if self.conflict:
            if self._proved() >= self.terms.smallest * self.certificate["rate"] * PPM:
                found.blame("broken.no_conflict", bound=found.bound)
            found.same("counts", said["counts"], counts)
            return
        self._limits()
        found.same("counts", said["counts"], {**counts, "offers": found.offers})
        found.same("value", said["value"], found.value)
        most = found.bound + ROUNDED * self.most // UNIT + 1
        if not found.bound <= said["bound"] <= most:
            found.blame("broken.bound", claimed=said["bound"], found=found.bound)
        self._equals()

    def _limits(self) -> None:
        found = self.verdict
        for p, used in sorted(self.by_product.items()):
            if used > (most := self.products[p]["capacity"]):
                found.blame("broken.capacity", f"product {p}", used=used, most=most)
        if found.used > self.certificate["budget"]:
            found.blame("broken.budget", used=found.used, most=self.certificate["budget"])
        limits = zip(self.terms.limits, self.by_limit, self.terms.least, strict=True)
        for limit, held, least in limits:
            if held < least:
                found.blame("broken.limit", limit=limit["name"], fen=-((held - least) // PPM))

    def _proved(self) -> int:
        """Return the bound that the prices prove, in fen / (PPM UNIT)."""
        prices = self.certificate["prices"]["product"]
        held: int = sum(prices.get(p, 0) * r["capacity"] for p, r in self.products.items())
        budget = int(self.certificate["prices"]["side"].get("budget", 0))
        total: int = self.best + PPM * (held + budget * int(self.certificate["budget"]))
        least: int = sum(p * x for p, x in zip(self.terms.side, self.terms.least, strict=True))
        return total - least

    def _data(self) -> str:
        asked = {k: self.certificate[k] for k in ("as_of", "budget", "limits", "together")}
        head = [asked, *([p, r["capacity"]] for p, r in self.products.items())]
        whole = hashlib.sha256("".join(canonical(x) + "\n" for x in head).encode())
        whole.update(self.projects.digest() + self.arcs.digest())
        return whole.hexdigest()

    def _equals(self) -> None:
        """Hold the order in which equals were served."""
        found, said = self.verdict, self.certificate
        committed = said.get("salt_commitment")
        if committed:
            found.same("salt", committed, hashlib.sha256(said["salt"].encode()).hexdigest())
        self.order.sort()
        served = "".join(canonical(p) + "\n" for _, p in self.order)
        found.same("order", said["order"], hashlib.sha256(served.encode()).hexdigest())
        for alike in self.equals.values():
            alike.sort()
            for (_, first, more), (_, later, less) in pairwise(alike):
                if more < less:
                    found.blame("broken.order", f"offer {later}", first=first, later=later)


def _order(salt: str, project: str) -> str:
    """Return what equals are ordered by."""
    body = ORDERED.encode([salt, project])
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def _paid(
    offer: pa.Table, said: Mapping[str, Any], verdict: Verdict
) -> dict[str, dict[str, tuple[int, int, int]]]:
    """Return the offers of money by project and product: amount, value and rate; hash them."""
    kept = offer.select(("project_id", "product_id", "as_of", "amount", "value", "rate"))
    kept = kept.filter(pc.equal(kept["as_of"].cast(pa.string()), said["as_of"]))
    kept = kept.filter(pc.not_equal(kept["amount"], 0))
    kept = kept.sort_by([("project_id", "ascending"), ("product_id", "ascending")])
    found: dict[str, dict[str, tuple[int, int, int]]] = {}
    lines = hashlib.sha256()
    for r in kept.to_pylist():
        project, name = r["project_id"], r["product_id"]
        mine = found.setdefault(project, {})
        if name in mine:
            verdict.blame("broken.twice", f"offer {project} {name}")
        mine[name] = (r["amount"], r["value"], -1 if r["rate"] is None else r["rate"])
        lines.update(canonical([project, name, r["amount"]]).encode() + b"\n")
    if "offers" in said:
        verdict.same("offers", said["offers"], lines.hexdigest())
    return found
