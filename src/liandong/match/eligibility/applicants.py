"""What is known of each project and of who asks for it."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.eligibility.rules import QuoteRule
from liandong.step import Tables

Int = NDArray[np.int64]

UNKNOWN = -1
SMALL = ("micro", "small")


class Applicants(NamedTuple):
    """Projects in order of their ids, one entry each.

    ``need`` and ``revenue`` (a year) are fen, ``term`` months, ``pd`` ppm, ``age`` days; UNKNOWN
    where not known. Texts and ``micro`` are null where not known.
    """

    project: pa.Array
    party: pa.Array
    need: Int
    term: Int
    purpose: pa.Array
    region: pa.Array
    industry: pa.Array
    age: Int
    pd: Int
    grade: pa.Array
    revenue: Int
    micro: pa.Array


def applicants(tables: Tables, rule: QuoteRule) -> Applicants:
    """Put together what is known of every project on the day of the rule."""
    projects = tables["project"].sort_by("project_id").combine_chunks()
    asking = projects["party_id"]
    party = _of(asking, tables["party"])
    score = _of(asking, _worst(tables["score"], rule.as_of))
    sales = _of(asking, _sales(tables["feature"], rule))
    told = _whole(party["annual_revenue"])
    yuan = sales["value"].to_numpy()
    revenue = np.where(np.isfinite(yuan), np.rint(np.nan_to_num(yuan) * 100).astype(np.int64), told)
    born = party["founded"].cast(pa.int32()).cast(pa.int64())
    today = (rule.as_of - date(1970, 1, 1)).days
    small = pc.is_in(party["size_class"], value_set=pa.array(SMALL))
    by_revenue = pa.array(revenue <= rule.micro_revenue, mask=revenue == UNKNOWN)
    return Applicants(
        project=projects["project_id"].combine_chunks(),
        party=asking.combine_chunks(),
        need=projects["need"].to_numpy(),
        term=projects["term_months"].to_numpy(),
        purpose=projects["purpose"].combine_chunks(),
        region=pc.coalesce(projects["region_id"], party["region_id"]).combine_chunks(),
        industry=pc.coalesce(projects["industry"], party["industry"]).combine_chunks(),
        age=pc.fill_null(pc.subtract(today, born), UNKNOWN).to_numpy(),
        pd=_whole(score["pd"]),
        grade=score["grade"].combine_chunks(),
        revenue=revenue,
        micro=pc.if_else(pc.is_valid(party["size_class"]), small, by_revenue).combine_chunks(),
    )


def _of(asking: pa.ChunkedArray, table: pa.Table) -> pa.Table:
    """Return the row of each applicant, of nulls where there is none."""
    return table.take(pc.index_in(asking, value_set=table["party_id"].combine_chunks()))


def _whole(column: pa.ChunkedArray) -> Int:
    return np.asarray(pc.fill_null(column.cast(pa.int64()), UNKNOWN).to_numpy())


def _worst(score: pa.Table, day: date) -> pa.Table:
    """Return one score a party: of several on the day that of the highest risk, to be prudent."""
    rows = score.filter(pc.equal(score["as_of"], pa.scalar(day)))
    rows = rows.sort_by([("party_id", "ascending"), ("pd", "descending"), ("rule_id", "ascending")])
    coded = rows["party_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    return rows.take(np.flatnonzero(np.diff(coded, prepend=-1)))


def _sales(feature: pa.Table, rule: QuoteRule) -> pa.Table:
    today = pc.equal(feature["as_of"], pa.scalar(rule.as_of))
    return feature.filter(pc.and_(today, pc.equal(feature["measure"], rule.revenue_measure)))
