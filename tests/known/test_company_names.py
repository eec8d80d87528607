"""Names of all listed companies: the exchange's short names agree with the brands found."""

import pyarrow.csv

from liandong.assess import company_name
from support.data import dataset


def test_brands_of_listed_companies_are_those_of_the_exchange():
    path = dataset("ashare_holders_2020") / "listed_companies.csv"
    rows = pyarrow.csv.read_csv(path).to_pylist()
    parts = [company_name(r["fullname"]) for r in rows]
    assert len(rows) == 3829
    assert all(p.form for p in parts)
    # A short name shares two characters with the brand, unless it is an abbreviation of it.
    shares = [
        any(r["name"][i : i + 2] in p.brand for i in range(len(r["name"]) - 1))
        for r, p in zip(rows, parts, strict=True)
    ]
    assert sum(shares) / len(shares) > 0.93
    # Where a name begins with the area of the company, that is its region or part of its brand.
    begins = [
        (r["area"], p) for r, p in zip(rows, parts, strict=True)
        if r["fullname"].startswith(r["area"])
    ]  # fmt: skip
    assert len(begins) == 1760
    in_region = [any(place.startswith(area) for place in p.region) for area, p in begins]
    assert sum(in_region) >= 0.96 * len(begins)
    assert all(
        ok or p.brand.startswith(area) for ok, (area, p) in zip(in_region, begins, strict=True)
    )
    assert len({p.canonical for p in parts}) == len({r["fullname"] for r in rows})
