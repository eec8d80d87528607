"""What criteria may be about: numbers that lie in bands, and traits that are in sets."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Bool = NDArray[np.bool_]

UNKNOWN = -1
"""Stands for a number that is not known."""
BAND = "-"
"""What the table of criteria has as the member of a band."""
FEATURE = "feature."
"""``feature.NAME`` is the feature of that name, in millionths of its unit."""
MILLIONTHS = 1_000_000


class Number(NamedTuple):
    """A measure that lies in a band.

    Attributes
    ----------
    rises, falls
        Whether who asks can raise or lower it.
    shown
        What the unit of its reasons is in its own unit, such as 100 for fen told in yuan.
    """

    rises: bool
    falls: bool
    shown: int = 1


NUMBERS = {
    "amount": Number(rises=True, falls=True, shown=100),
    "term": Number(rises=True, falls=True),
    "points": Number(rises=True, falls=False),
    "pd": Number(rises=False, falls=True),
    "age": Number(rises=True, falls=False),
    "revenue": Number(rises=True, falls=False, shown=100),
    "staff": Number(rises=True, falls=False),
}
"""Amount asked for (fen), term (months), score, default probability (ppm), age (days), yearly sales
(fen), staff. Nobody makes himself younger or worse."""
ANY_FEATURE = Number(rises=True, falls=True)


class Trait(NamedTuple):
    """A measure that is in a set.

    Attributes
    ----------
    match
        How a member covers a value: ``same``, ``begins`` (the value begins with it), ``near`` (or
        it begins with the value, which is too coarse to tell), ``holds`` (the value holds it) or
        ``word`` (it is one of the words of the value).
    of
        The trait of the applicant.
    forbids
        Whether members are forbidden instead of allowed.
    open
        Whether who asks can change it.
    members
        Members that there can be; empty: any.
    """

    match: str
    of: str
    forbids: bool = False
    open: bool = False
    members: tuple[str, ...] = ()


YES_NO = ("yes", "no")
TRAITS = {
    "region": Trait("begins", "region"),
    "industry": Trait("begins", "industry"),
    "size": Trait("same", "size", members=("micro", "small", "medium", "large")),
    "grade": Trait("same", "grade", open=True),
    "purpose": Trait("holds", "purpose"),
    "first_time": Trait("same", "first_time", members=YES_NO),
    "technology": Trait("same", "technology", members=YES_NO),
    "guaranteed": Trait("same", "guaranteed", open=True, members=YES_NO),
    "credential": Trait("word", "credential", open=True),
    "not_region": Trait("begins", "region", forbids=True),
    "not_industry": Trait("near", "industry", forbids=True),
    "not_purpose": Trait("holds", "purpose", forbids=True),
}
"""Codes of GB/T 2260 and GB/T 4754 or their beginnings, size class, grade, words of the purpose;
whether there was no loan before, whether it is a technology firm, whether somebody guarantees for
it, kinds of credentials in force; and what a product forbids. A grade improves, a guarantor can be
found and a credential be earned; no other moves."""


def is_number(measure: str) -> bool:
    """Tell whether there is a band measure of this name."""
    return measure in NUMBERS or (measure.startswith(FEATURE) and measure != FEATURE)


def number(measure: str) -> Number:
    """Return the band measure of a name that is one."""
    return NUMBERS.get(measure, ANY_FEATURE)


def in_force(table: pa.Table, day: date) -> pa.ChunkedArray:
    """Tell which rows hold on a day, by ``valid_from`` and ``valid_to``."""
    ended = pc.fill_null(pc.less(table["valid_to"], pa.scalar(day)), fill_value=False)
    return pc.and_not(pc.less_equal(table["valid_from"], pa.scalar(day)), ended)


def covers(values: pa.Array, member: str, trait: Trait) -> Bool:
    """Tell which values a member of a set covers; what is not known it does not cover."""
    if trait.match == "same":
        hit = pc.equal(values, member)
    elif trait.match == "word":
        hit = pc.match_substring(values, f" {member} ")
    elif trait.match == "holds":
        hit = pc.match_substring(values, member)
    else:
        hit = pc.starts_with(values, member)
    if trait.match == "near":
        coarse = [v is not None and member.startswith(v) for v in values.to_pylist()]
        hit = pc.or_(hit, pa.array(coarse, pa.bool_()))
    return np.asarray(pc.fill_null(hit, fill_value=False).to_numpy(zero_copy_only=False))
