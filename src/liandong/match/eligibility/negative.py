"""The negative list of the rule: which entry hits whom."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.eligibility.measures import TRAITS, covers
from liandong.match.eligibility.rules import Ban, QuoteRule

Bool = NDArray[np.bool_]


def banned(industry: pa.Array, purpose: pa.Array, rule: QuoteRule) -> pa.Array:
    """Return the first entry in force that hits each industry or purpose, else null."""
    found = pa.nulls(len(industry), pa.string())
    for ban in reversed([b for b in rule.negative_list if b.holds_on(rule.as_of)]):
        found = pc.if_else(pa.array(_hits(ban, industry, purpose)), ban.name, found)
    return found


def _hits(ban: Ban, industry: pa.Array, purpose: pa.Array) -> Bool:
    hit = np.zeros(len(industry), bool)
    for column, trait, members in (
        (industry, "not_industry", ban.industries),
        (purpose, "not_purpose", ban.purposes),
    ):
        coded = column.dictionary_encode()
        values = np.zeros(len(coded.dictionary) + 1, bool)
        for member in members:
            values[:-1] |= covers(coded.dictionary, member, TRAITS[trait])
        at = pc.fill_null(coded.indices, len(coded.dictionary))
        hit |= values[at.to_numpy(zero_copy_only=False)]
    return hit
