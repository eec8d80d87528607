"""Values as HTML: amounts with their exact figure, keys as links, choices as words."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup, escape

from liandong.console import formats
from liandong.console.links import link, offer_link, subject_link
from liandong.console.markup import joined, put
from liandong.console.reading import Row
from liandong.console.wording import APART, choice_text, group_of, lacking
from liandong.schema.field import Field, Table
from liandong.schema.tables import TABLES
from liandong.step.reasons import reason_text, says_points
from liandong.texts import catalogue, deed, text

Names = dict[str, tuple[str, str | None]]
NOTHING = Markup('<span class="none">–</span>')
BADGES = {
    "grade": "grade", "alert.level": "level", "circle.level": "level", "idle.level": "level",
    "status": "state", "case.state": "state", "alert_case.state": "state",
    "alert_case.level": "level", "triage.level": "level", "alert.state": "state",
    "alert_version.level": "level", "alert_version.state": "state",
}  # fmt: skip
"""Fields whose values are shown as badges, and the family of the badge."""
MOST_ROWS = 200
"""Rows of a table that a page shows at most; its files have all of them."""
LONG_KEY = 20
"""Characters; keys that people give are shorter."""
BRIEF = frozenset({"project_id", "loan_id", "pledge_id"})
"""Keys that are told in short among names, if a program made them."""
INDUSTRIES = frozenset({"industry", "from_industry", "to_industry"})
"""Fields with codes of GB/T 4754, or with those of the table that a row comes from."""
RIGHT = frozenset({"money", "exact", "rate", "share", "int", "float"})
"""Kinds that stand at the right of their column."""
_RIGHT, _LEFT = '<td class="r">{}</td>', "<td>{}</td>"


@dataclass(frozen=True)
class Column:
    """One column of a grid.

    Attributes
    ----------
    table
        Table whose field it is; empty for a figure that only this page knows.
    name, kind
        Name of the field; how it is written: a kind of field, ``exact`` or ``measure``.
    label
        Head by language.
    key
        Name of the value in the rows.
    """

    table: str
    name: str
    kind: str
    label: dict[str, str]
    key: str


def columns(wanted: str) -> list[Column]:
    """Read columns such as ``offer.amount party.name:owner exact.held``.

    Each is ``TABLE.FIELD`` or ``KIND.NAME`` (a figure with the label ``console.col_NAME``), with
    ``:KEY`` when the rows call it otherwise.
    """
    found = []
    for word in wanted.split():
        source, _, key = word.partition(":")
        first, _, name = source.partition(".")
        if first in TABLES:
            found.append(column(TABLES[first], TABLES[first].field(name), key or name))
        else:
            label = catalogue()[f"console.col_{name}"]
            found.append(Column("", name, first, label, key or name))
    return found


def column(table: Table, field: Field, key: str = "") -> Column:
    """Return the column of a field of a table."""
    measured = field.name == "measure" and field.kind != "choice"
    kind = "measure" if measured else field.kind
    return Column(table.name, field.name, kind, {"zh": field.zh, "en": field.en}, key or field.name)


class Cells:
    """Writes values in one language.

    Parameters
    ----------
    lang
        ``zh`` or ``en``.
    keep
        Parameters of the filter bar, which every link carries on.
    places
        Names of regions, Chinese and English, by code.
    offices
        Returns the names of banks, funds and governments, by id; asked when one is shown.
    """

    def __init__(
        self, lang: str, keep: dict[str, str], places: Names, offices: Callable[[], Names] = dict
    ) -> None:
        self.lang = lang
        self.keep = keep
        self.places, self.offices = places, offices
        self._write: dict[str, Callable[[Any], str]] = {
            "money": self.money,
            "rate": lambda v: self._data(v, formats.rate(v), f"{v:,} ppm"),
            "int": lambda v: self._data(v, formats.number(v), ""),
            "float": lambda v: self._data(v, formats.measured(v), repr(v)),
            "share": lambda v: self._data(v, formats.told(v, "share"), repr(v)),
            "bool": lambda v: self.t("yes" if v else "no"),
            "date": lambda v: _time(v.isoformat(), formats.day(v, self.lang)),
            "time": lambda v: _time(v.isoformat(), formats.moment(v, self.lang)),
            "hash": lambda v: put('<code title="{}">{}…</code>', v, v[:16]),
            "json": lambda v: put('<pre tabindex="0">{}</pre>', _pretty(v)),
            "reasons": self.reasons,
            "exact": lambda v: self._data(v, formats.yuan(v), ""),
            "measure": lambda v: put('<span title="{}">{}</span>', v, self.measure(v)),
        }
        self._say: dict[str, Callable[[str], str]] = {
            "action": self._action, "place": self._place, "slice": self.slice, "part": self.part,
            "group": self.group, "typed": lambda v: put("<code>{}</code>", v),
            "step": lambda v: put('<code title="{}">{}</code>', self.word("step", _code(v)), v),
            "table": lambda v: TABLES[v].label[self.lang] if v in TABLES else v,
        }  # fmt: skip

    def t(self, name: str, **params: object) -> str:
        """Return a text of the console."""
        return text(f"console.{name}", self.lang, **params)

    def href(self, address: str, **more: object) -> str:
        """Return an address of the console that keeps the filter."""
        if not (self.keep or more):
            return address
        given = {n: str(v) for n, v in more.items() if v not in {None, ""}}
        keep = {n: v for n, v in self.keep.items() if f"{n}=" not in urlsplit(address).query}
        wanted = urlencode({**keep, **given})
        return address + ("&" if "?" in address else "?") + wanted if wanted else address

    def line(self, columns: Iterable[Column], row: Row) -> Markup:
        """Return one row of a grid: as a template would write its cells, in half the time."""
        return joined(put(_RIGHT if c.kind in RIGHT else _LEFT, self.cell(c, row)) for c in columns)

    def cell(self, column: Column, row: Row) -> str:
        """Return one cell of a grid."""
        value = row.get(column.key)
        if (column.table, column.name) in {("party", "name"), ("region", "name")}:
            return self.named(row, column)
        if value is None or value == "":
            return NOTHING
        if column.name in INDUSTRIES:
            return put('<span title="{}">{}</span>', value, self.industry(str(value), row))
        if column.kind == "money" and row.get("currency"):  # amounts of a row are in its currency
            return self.money(value, row["currency"])
        if column.kind == "exact" and "places" in row:  # minor units of the row's own unit
            return self._data(value, formats.units(value, row["places"]), "")
        if (column.table, column.name) == ("power_act", "reason") and row.get("kind") == "denied":
            return escape(lacking(value, self.lang))
        shown = self._shown(column, value)
        if column.name in BRIEF and (short := self.brief(value)) != value:
            shown = put('<span title="{}">{}</span>', value, short)
        return self._linked(column, row, shown)

    def raw(self, column: Column, row: Row, places: Mapping[str, int] | None = None) -> str:
        """Return one cell of a table as it is kept: names as they are, amounts to the fen.

        Parameters
        ----------
        places
            Decimal places by unit, if the amount is in the minor units of the row's own unit.
        """
        value = row.get(column.key)
        if value is None or value == "":
            return NOTHING
        if places and row.get("unit"):
            return self._data(value, formats.units(value, places.get(row["unit"], 0)), "")
        kind = "exact" if column.kind == "money" else column.kind
        shown = self._shown(replace(column, kind=kind), value)
        return self._linked(column, row, shown)

    def _linked(self, column: Column, row: Row, shown: str) -> str:
        if (column.table, column.name) == ("act", "subject"):
            target = subject_link(str(row["action"]), str(row[column.key]))
        elif (column.table, column.name) == ("offer", "project_id"):
            target = offer_link(str(row[column.key]))
        else:
            target = link(column.name, row[column.key])
        if target and target.startswith("/firm/") and (name := self.offices().get(row[column.key])):
            return put('<a href="{}">{}</a>', self.href(target), self.called(*name))
        return put('<a href="{}">{}</a>', self.href(target), shown) if target else shown

    @staticmethod
    def brief(key: str) -> str:
        """Return a key as it is read aloud: of a long one, which a program made, the beginning."""
        return key if len(key) <= LONG_KEY else f"{key[:7]}…"

    def called(self, zh: str, en: str | None) -> str:
        """Return one of two names, by language."""
        return (en or zh) if self.lang == "en" else zh

    def _shown(self, column: Column, value: Any) -> str:  # noqa: ANN401 - of the column's kind
        family = BADGES.get(column.name) or BADGES.get(f"{column.table}.{column.name}")
        if family:
            word = self.choice(column.table, column.name, value)
            return self.badge(family, str(value), word)
        if column.kind == "region":
            return self.place(str(value))
        words = group_of(column.table, column.name)
        if words and column.kind != "choice":
            say = self._say.get(words)
            return say(str(value)) if say else self.words(words, str(value))
        if not column.table and not column.kind:
            return self.known(str(value))
        if column.kind == "choice":
            return self.choice(column.table, column.name, value)
        write = self._write.get(column.kind)
        return write(value) if write else escape(value)

    def _place(self, value: str) -> str:
        loan = value.removeprefix("repaid:")
        return self.t("trail_repaid", loan=self.brief(loan)) if loan != value else value

    def _action(self, value: str) -> str:
        word = self.word("act", _code(value), self.deed(value))
        return put('<span title="{}">{}</span>', value, word)

    def words(self, group: str, value: str) -> str:
        """Return words for several values of a group in one text, such as two vintages."""
        return "".join(self.word(group, w) for w in APART.split(value))

    def known(self, value: str) -> str:
        """Return the words for a name that only a page gives: of a region, or of a choice."""
        return self.place(value) if value in self.places else self.word("choice", value)

    def slice(self, name: str) -> str:
        """Return the words for a part of firms that figures are about, or for a term of a model."""
        kind, _, part = name.partition(".")
        if kind == "region":
            return self.region(part)
        if kind == "size":
            return self.word("choice", part)
        if kind == "term":
            return self.measure(part)
        return self.word("console", f"slice_{_code(name)}", name)

    def named(self, row: Row, column: Column) -> str:
        """Return a party or region by its name in this language, linked, with its id beside."""
        field = "party_id" if column.table == "party" else "region_id"
        key = row.get(f"{column.key}_id", row.get(field))
        if not key:
            return NOTHING
        english = row.get(f"{column.key}_en") if self.lang == "en" else None
        name = english or row.get(column.key) or key
        small = put(" <small>{}</small>", key) if name != key else ""
        target = self.href(str(link(field, key)))
        return put('<a href="{}">{}</a>{}', target, name, small)

    def place(self, adcode: str) -> str:
        """Return a region by its name in this language, with its code as the title."""
        return put('<span title="{}">{}</span>', adcode, self.region(adcode))

    def region(self, adcode: str) -> str:
        """Return the plain name of a region in this language; its code if it is not known."""
        return self.called(*self.places.get(adcode, (adcode, None)))

    def deed(self, action: str) -> str:
        """Return an action of the list of powers in words, with its code."""
        return deed(action)[self.lang]

    def word(self, group: str, value: str, otherwise: str = "") -> str:
        """Return a text of a group of the catalogue; if there is none, the value itself."""
        code = f"{group}.{value}"
        return text(code, self.lang) if code in catalogue() else otherwise or value

    def choice(self, table: str, field: str, value: str) -> str:
        """Return the word for a value of a fixed list."""
        return choice_text(table, field, value, self.lang)

    def industry(self, code: str, row: Row) -> str:
        """Return the name of an industry: that of its table, or of its section or division."""
        if "upstreamness" in row and row.get("name"):
            return self.called(row["name"], row["name_en"])
        if code == "*":
            return self.t("total")
        if len(code) == 1:
            return self.choice("party", "industry", code)
        division, kind = code[:3], code[3:]
        name = self.word("industry", division) if code[1:].isdigit() else division
        return code if name == division else f"{name} {kind}".rstrip()

    def part(self, name: str) -> str:
        """Return the words for a part of an index: ``within.east`` is that within the east."""
        kind, _, group = name.partition(".")
        known = {"total", "between", "within"}
        words = self.t(kind) if kind in known else self.word("part", kind)
        if kind == "level":
            return f"{words} · {self.choice('region', 'level', group)}"
        return f"{words} · {self.group(group)}" if group else words

    def group(self, name: str) -> str:
        """Return the name of a group of regions: of a belt, or of a province."""
        return self.place(name) if name.isdigit() else self.choice("region", "belt", name)

    def filtered(self, name: str, value: str) -> str:
        """Return the words for what is chosen in a part of the filter bar."""
        if name == "region":
            belt = value.removeprefix("belt:")
            return self.region(value) if belt == value else self.group(belt)
        return self.choice("party", "industry", value) if name == "industry" else value

    def measure(self, name: str) -> str:
        """Return the label of a measure, or of the measures of a pair."""
        return " × ".join(self.word("measure", n) for n in name.split(" × "))

    def money(self, fen: int, currency: str = formats.CNY) -> str:
        """Return an amount for reading with the exact one in its title."""
        shown = formats.money(fen, self.lang, currency)
        return self._data(fen, shown, f"{formats.yuan(fen)} {currency}")

    def badge(self, family: str, value: str, word: str) -> str:
        """Return a badge; its colour follows the value, its word says the same."""
        return put('<span class="badge {}-{}">{}</span>', family, value, word)

    def reasons(self, found: Iterable[Row], names: Names | None = None) -> str:
        """Return reasons as a list of words with their points.

        Parameters
        ----------
        names
            Names, Chinese and English, of what the reasons may be about, by id.
        """
        items = Markup("").join(
            put(
                "<li>{}{}</li>",
                reason_text(self._about(r["code"], names or {}), r["points"], self.lang),
                put(" <b>{}</b>", points(r["points"]))
                if r["points"] and not says_points(r)
                else "",
            )
            for r in found
        )
        return put('<ul class="reasons">{}</ul>', items) if items else NOTHING

    def _about(self, code: str, names: Names) -> str:
        """Return the code of a reason that is about something by its name, if it has one."""
        base, _, about = code.partition("(")
        known = names.get(about.removesuffix(")"))
        return f"{base}({self.called(*known)})" if known else code

    def gave(self, row: Row) -> str:
        """Return the reasons of an amount in its own unit: which clause gave how much."""
        write = partial(formats.units, places=row["places"])
        told = (reason_text(r["code"], r["points"], self.lang, write) for r in row["reasons"])
        items = Markup("").join(put("<li>{}</li>", words) for words in told)
        return put('<ul class="reasons">{}</ul>', items)

    def _data(self, value: object, shown: str, title: str) -> str:
        tip = put(' title="{}"', title) if title else ""
        return put('<data value="{}"{}>{}</data>', value, tip, shown)


def points(value: float) -> str:
    """Write points with their sign; a median of them may lie between two.

    Examples
    --------
    >>> points(12), points(-3), points(-3.5)
    ('+12', '−3', '−3.5')
    """
    return f"{value:+,.{0 if value == int(value) else 1}f}".replace("-", formats.MINUS)


def _code(name: str) -> str:
    return name.replace(".", "_")


def _time(machine: str, shown: str) -> Markup:
    return put('<time datetime="{}" title="{}">{}</time>', machine, machine, shown)


def _pretty(value: object) -> str:
    """Lay out JSON for reading; what is not JSON stays as it is."""
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    return json.dumps(parsed, ensure_ascii=False, indent=1, default=str)
