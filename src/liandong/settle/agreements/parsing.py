"""From text to tree: clauses one after the other, each beginning with its own word."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from liandong.settle.agreements.nodes import (
    COUNTS,
    METHODS,
    Agreement,
    Cap,
    Clause,
    Clawback,
    Floor,
    Part,
    Position,
    Recovery,
    Replacement,
    Sharing,
    Subsidy,
    Term,
    Tier,
    Unit,
    unfit,
)
from liandong.settle.agreements.reading import Reader


def parse(text: str) -> Agreement:
    """Read the text of an agreement.

    Parameters
    ----------
    text
        Blocks ``agreement``, ``losses`` and ``subsidy`` as the recipe describes them. A block
        without unit, validity or parties has those of the block before; parties of ``losses`` are
        those that it names.

    Returns
    -------
    tuple of Clause
        Immutable trees; equal trees mean the same. They may still be impossible to keep: see
        :func:`liandong.settle.agreements.checking.faults`.

    Raises
    ------
    AgreementError
        With line, column, the offending text, and what to do.

    Examples
    --------
    >>> block, = parse("agreement a { unit CNY/2; parties x, y; valid 2026-01-01..2030-12-31; "
    ...                "base yearly = tax; tier rest { x 1/3; y 2/3 } }")
    >>> block.tiers[0].parts[0].portion
    Fraction(1, 3)
    >>> parse("agreement a {")
    Traceback (most recent call last):
    liandong.errors.AgreementError: agreement, line 1, column 14, 'end of text': ...
    """
    reader = Reader(text)
    found: list[Clause] = []
    while reader.now.kind != "end":
        word = reader.need("agreement", "losses", "subsidy")
        block = _Block(reader, word.text, word.at, found[-1] if found else None)
        found.append(block.read())
    if not found:
        raise unfit("agreement_need", *reader.here, sign="agreement")
    return tuple(found)


@dataclass
class _Block:
    """A block that is being read."""

    reader: Reader
    kind: str
    at: Position
    before: Clause | None
    had: dict[str, Any] = field(default_factory=dict)
    many: dict[str, list[Any]] = field(default_factory=dict)

    def read(self) -> Clause:
        """Read its name and all clauses between its braces."""
        self.had["name"] = self.reader.title()
        self.reader.need("{")
        clauses = _SUBSIDY if self.kind == "subsidy" else _SHARING[self.kind]
        while not self.reader.take("}"):
            if self.reader.take(";"):
                continue
            word = self.reader.need(*clauses)
            clauses[word.text](self, word.at)
        return self.subsidy() if self.kind == "subsidy" else self.sharing()

    def once(self, name: str, value: object, at: Position) -> None:
        """Keep the value of a clause that may be there once."""
        if name in self.had:
            raise unfit("agreement_twice", at, name)
        self.had[name] = value

    def add(self, name: str, value: object) -> None:
        """Keep one of several clauses of a kind."""
        self.many.setdefault(name, []).append(value)

    def all(self, name: str) -> tuple[Any, ...]:
        """Return all clauses of a kind."""
        return tuple(self.many.get(name, ()))

    def needed(self, name: str) -> Any:  # noqa: ANN401 - of the kind that its clause says
        """Return the value of a clause that must be there, or that of the block before."""
        inherited = getattr(self.before, name, None) if name in {"unit", "valid"} else None
        found = self.had.get(name, inherited)
        if found is None:
            raise unfit("agreement_lacks", self.at, self.kind, clause=name)
        return found

    @property
    def unit(self) -> Unit:
        """The unit of its amounts."""
        unit: Unit = self.needed("unit")
        return unit

    def sharing(self) -> Sharing:
        """Put together what has been read of an agreement or of losses."""
        losses = self.kind == "losses"
        tiers = self.all("tiers")
        if not tiers:
            raise unfit("agreement_lacks", self.at, self.kind, clause="layer" if losses else "tier")
        named = tuple(dict.fromkeys(n for t in tiers for p in t.parts for n in (p.party, p.excess)))
        parties = self.had.get("parties", tuple(n for n in named if n) if losses else None)
        if parties is None:
            parties = self.needed("parties")
        base = self.had.get("base", (False, ("loss",), 0) if losses else None)
        yearly, bases, least = base or self.needed("base")
        for word in self.all("scopes"):
            if yearly != (word.text == "per"):
                raise unfit("agreement_scope", word.at, word.text)
        clauses = {n: self.all(n) for n in ("replacements", "floors", "caps", "clawbacks")}
        return Sharing(
            "losses" if losses else "agreement", self.had["name"], self.unit, parties,
            self.needed("valid"), yearly, bases, tiers, least, **clauses,
            method=self.had.get("method", "quota"), at=self.at,
        )  # fmt: skip

    def subsidy(self) -> Subsidy:
        """Put together what has been read of a subsidy."""
        first, last = self.needed("months")
        payer, to, most = self.needed("paid")
        return Subsidy(
            self.had["name"], self.unit, self.needed("valid"), self.had.get("base", "principal"),
            self.needed("rate"), self.needed("day-count"), first, last, payer, to, most, self.at,
        )  # fmt: skip

    # What each clause reads; its first word has been read.

    def unit_(self, at: Position) -> None:
        self.once("unit", self.reader.unit(), at)

    def parties_(self, at: Position) -> None:
        self.once("parties", self.reader.names(","), at)

    def valid_(self, at: Position) -> None:
        self.once("valid", self.reader.span(), at)

    def base_(self, at: Position) -> None:
        yearly = self.reader.need("yearly", "cumulative").text == "yearly"
        if yearly:
            self.reader.take("cumulative")
        self.reader.need("=")
        names = self.reader.names("+")
        least = self.reader.amount(self.unit) if self.reader.take("least") else 0
        self.once("base", (yearly, names, least), at)

    def tier_(self, at: Position) -> None:
        limit = self.limit()
        self.add("tiers", Tier(limit, self.parts(), at=at))

    def limit(self) -> int | None:
        """Read where a tier ends."""
        if self.reader.take("rest"):
            return None
        self.reader.need("<=", "rest")
        return self.reader.amount(self.unit)

    def layer_(self, at: Position) -> None:
        first = "first" if not self.many.get("tiers") else "next"
        self.reader.need(first)
        limit, of = self.thickness()
        self.add("tiers", Tier(limit, self.parts(), of, at=at))

    def thickness(self) -> tuple[Fraction | int | None, str]:
        """Read how thick a layer is: an amount, a share of a base, or all the rest."""
        if self.reader.now.text == "{":
            return None, ""
        after = self.reader.words[self.reader.place + 1].text
        if after not in {"%", "/", "of"}:
            return self.reader.amount(self.unit), ""
        share = self.reader.ratio()
        return share, self.reader.name() if self.reader.take("of") else "principal"

    def parts(self) -> tuple[Part, ...]:
        """Read who has which part, between braces."""
        reader, found = self.reader, []
        reader.need("{")
        while not reader.take("}"):
            if reader.take(";"):
                continue
            at, party, portion = reader.now.at, reader.name(), reader.ratio()
            cap, excess = None, ""
            if reader.take("cap"):
                cap = reader.amount(self.unit)
                reader.phrase("excess to")
                excess = reader.name()
            found.append(Part(party, portion, cap, excess, at))
        return tuple(found)

    def years_(self, at: Position) -> None:
        first = self.reader.whole()
        last = self.reader.whole() if self.reader.take("..") else first
        self.reader.need("replace")
        tier_at = self.reader.need("tier").at
        limit = self.limit()
        tier = Tier(limit, self.parts(), at=tier_at)
        self.add("replacements", Replacement(first, last, tier, at))

    def floor_(self, at: Position) -> None:
        party, amount = self.reader.name(), self.reader.amount(self.unit)
        self.reader.phrase("per year paid by")
        payer = self.reader.name()
        most = None
        if self.reader.take("up"):
            self.reader.need("to")
            most = self.reader.amount(self.unit)
        self.add("floors", Floor(party, amount, payer, most, at))

    def cap_(self, at: Position) -> None:
        party, amount = self.reader.name(), self.reader.amount(self.unit)
        word = self.reader.need("per", "in")
        self.reader.need("year" if word.text == "per" else "total")
        self.add("scopes", word)
        self.reader.phrase("excess to")
        self.add("caps", Cap(party, amount, self.reader.name(), at))

    def clawback_(self, at: Position) -> None:
        reader = self.reader
        party = reader.name()
        reader.need("when")
        done = reader.name()
        reader.need("<")
        share = Fraction(1)
        if reader.now.kind == "number":
            share = reader.ratio()
            reader.need("*")
        due = reader.name()
        reader.need("before")
        before = reader.day()
        reader.take(":")
        recover = self.recovery()
        reader.need(",")
        reader.need("max")
        most = None if reader.take("received") else reader.amount(self.unit)
        others = [p for p in self.needed("parties") if p != party]
        to = reader.name() if reader.take("to") else (others or [""])[0]
        self.add("clawbacks", Clawback(party, done, share, due, before, recover, most, to, at))

    def recovery(self) -> Recovery:
        """Read ``recover (a - b) / c of received`` or ``recover 1/2 of received``."""
        reader = self.reader
        reader.need("recover")
        if reader.take("("):
            whole = reader.name()
            reader.need("-")
            part = reader.name()
            reader.need(")")
            reader.need("/")
            found = Recovery(whole, part, reader.name())
        else:
            found = Recovery(fixed=reader.ratio())
        reader.phrase("of received")
        return found

    def round_(self, at: Position) -> None:
        method = self.reader.need(*METHODS).text
        self.reader.take("cumulative")
        if self.reader.take("tie"):
            self.reader.need("parties")
        self.once("method", method, at)

    def principal_(self, at: Position) -> None:
        self.reader.need("=")
        self.once("base", self.reader.name(), at)

    def rate_(self, at: Position) -> None:
        several = self.reader.take("min")
        if several:
            self.reader.need("(")
        terms = [self.term()]
        while several and self.reader.take(","):
            terms.append(self.term())
        if several:
            self.reader.need(")")
        self.once("rate", tuple(terms), at)

    def term(self) -> Term:
        """Read a rate: ``2/100``, ``contract``, ``contract - 1/100``, ``1/2 * contract``."""
        reader = self.reader
        name, times = "", Fraction(1)
        if reader.now.kind == "name":
            name = reader.name()
        else:
            value = reader.ratio()
            if not reader.take("*"):
                return Term(value)
            name, times = reader.name(), value
        sign = reader.take("+", "-")
        plus = reader.ratio() if sign else Fraction(0)
        return Term(-plus if sign and sign.text == "-" else plus, name, times)

    def day_(self, at: Position) -> None:
        self.reader.phrase("- count")
        word = self.reader.now
        self.reader.place += 1
        self.reader.need("/")
        count = f"{word.text}/{self.reader.whole()}"
        if count not in COUNTS:
            raise unfit("agreement_count", word.at, count, known=", ".join(COUNTS))
        self.once("day-count", count, at)

    def months_(self, at: Position) -> None:
        first = self.reader.whole()
        self.reader.need("..")
        self.once("months", (first, self.reader.whole()), at)

    def paid_(self, at: Position) -> None:
        self.reader.need("by")
        payer = self.reader.name()
        to = self.reader.name() if self.reader.take("to") else "borrower"
        most = None
        if self.reader.take("up"):
            self.reader.need("to")
            most = self.reader.amount(self.unit)
        self.once("paid", (payer, to, most), at)


_Read = Callable[[_Block, Position], None]
_COMMON: dict[str, _Read] = {"unit": _Block.unit_, "valid": _Block.valid_}
_BOTH: dict[str, _Read] = {
    **_COMMON, "parties": _Block.parties_, "base": _Block.base_, "round": _Block.round_,
    "cap": _Block.cap_, "clawback": _Block.clawback_,
}  # fmt: skip
_SHARING: dict[str, dict[str, _Read]] = {
    "agreement": {
        **_BOTH, "tier": _Block.tier_, "years": _Block.years_, "floor": _Block.floor_,
    },
    "losses": {**_BOTH, "layer": _Block.layer_},
}  # fmt: skip
_SUBSIDY: dict[str, _Read] = {
    **_COMMON, "principal": _Block.principal_, "rate": _Block.rate_, "day": _Block.day_,
    "months": _Block.months_, "paid": _Block.paid_,
}  # fmt: skip
