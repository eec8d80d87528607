"""The filter bar: region, time, industry, product; the same everywhere, kept in the address."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from liandong.console.query import Query, Where, wrong
from liandong.console.reading import Reading, Row
from liandong.schema.provinces import PROVINCES
from liandong.texts import both

NAMES = ("region", "on", "industry", "product")
"""Parameters of the filter bar."""
BELTS = ("east", "central", "west", "northeast", "other")
SECTIONS = "ABCDEFGHIJKLMNOPQRST"
"""Sections of GB/T 4754."""


@dataclass(frozen=True)
class Filter:
    """What a reader wants to see only.

    Attributes
    ----------
    region
        Adcode, or ``belt:NAME`` for an economic belt; empty for all.
    on
        The board as known on this day; None for the newest.
    industry
        Section letter with up to four digits; empty for all.
    product
        Product id; empty for all.
    """

    region: str = ""
    on: date | None = None
    industry: str = ""
    product: str = ""

    @classmethod
    def of(cls, query: Query) -> "Filter":
        """Read the filter of an address; UsageError names a wrong value."""
        region, industry = query.text("region"), query.text("industry")
        if region and not (re.fullmatch(r"\d{6}", region, re.ASCII) or _belt(region)):
            raise wrong("region", region, both("advice.adcode"))
        if industry and not re.fullmatch(rf"[{SECTIONS}]\d{{0,4}}", industry, re.ASCII):
            raise wrong("industry", industry, both("advice.section"))
        return cls(region, query.day("on"), industry, query.text("product"))

    def within(self, where: Where, column: str) -> Where:
        """Add that the region code in ``column`` lies in the chosen region."""
        if belt := _belt(self.region):
            inside = "SELECT substr(region_id, 1, 2) FROM region WHERE belt = ?"
            where.add(f"substr({column}, 1, 2) IN ({inside})", belt)
        elif prefix := region_prefix(self.region):
            where.add(f"starts_with({column}, ?)", prefix)
        return where

    def party(self, where: Where, alias: str) -> Where:
        """Add that the party of ``alias`` lies in the chosen region and industry."""
        self.within(where, f"{alias}.region_id")
        if self.industry:
            where.add(f"starts_with({alias}.industry, ?)", self.industry)
        return where

    def whose(self, where: Where, column: str) -> Where:
        """Add that ``column`` names a party in the chosen region and industry."""
        chosen = self.party(Where(), "party")
        if chosen.values:
            where.among(column, "SELECT party_id FROM party{where}", chosen)
        return where

    def owner(self, where: Where, column: str) -> Where:
        """Add that ``column`` names a party in the chosen region, or a region in it."""
        inside = self.within(Where(), "region_id")
        if inside.values:
            known = "SELECT party_id FROM party{0} UNION ALL SELECT region_id FROM region{0}"
            where.add(f"{column} IN ({known.format(inside)})", *inside.values, *inside.values)
        return where

    def latest(self, reading: Reading, table: str) -> date | None:
        """Return the newest ``as_of`` of a result table that was known on the chosen day."""
        where = Where()
        if self.on:
            where.add("as_of <= ?", self.on)
        newest = "SELECT max(as_of) AS day FROM {table}{where}"
        day: date | None = reading.one(newest, where, table=table)["day"]
        return day


def region_prefix(adcode: str) -> str:
    """Return the digits that all places inside a region share: ``31`` for 310000, none for China.

    Examples
    --------
    >>> region_prefix("310000"), region_prefix("320500"), region_prefix("100000")
    ('31', '3205', '')
    """
    if adcode in {"", "100000"}:
        return ""
    province, city, county = adcode[:2], adcode[2:4], adcode[4:6]
    return province + (city if city != "00" or county != "00" else "") + county.replace("00", "")


def options(reading: Reading) -> dict[str, list[Row]]:
    """Return what can be chosen on this board, by parameter."""
    return {
        "region": reading.rows(
            "SELECT region_id AS value, name, name_en, belt FROM region"
            " WHERE level = 'province' ORDER BY region_id"
        ),
        "on": reading.rows(
            "SELECT DISTINCT as_of AS value FROM score UNION SELECT DISTINCT as_of FROM offer"
            " UNION SELECT DISTINCT opened_at::DATE FROM alert ORDER BY value DESC LIMIT 24"
        ),
        "industry": reading.rows(
            "SELECT DISTINCT substr(industry, 1, 1) AS value FROM party"
            " WHERE industry IS NOT NULL ORDER BY value"
        ),
        "product": reading.rows(
            "SELECT product_id AS value, coalesce(name, product_id) AS name, name_en FROM product"
            " ORDER BY product_id LIMIT 200"
        ),
    }


def short_name(region_id: str, name: str | None) -> str:
    """Return the name of a region that fits on a tile, in Chinese."""
    return SHORT.get(region_id) or (name or region_id)[:3]


SHORT = {p.adcode: p.short for p in PROVINCES}


def _belt(region: str) -> str:
    name = region.removeprefix("belt:")
    return name if name in BELTS and name != region else ""


def plain(value: Filter) -> dict[str, Any]:
    """Return the filter as the data twin shows it."""
    return {n: getattr(value, n) for n in NAMES}
