"""Small tables of joint funds."""

from datetime import date

from liandong.schema.arrow import build

SINCE = date(2023, 1, 1)


def participations(*rows):
    """Participations as (product, lender, share) with or without first day, last day and most."""
    full = [(*r, *(SINCE, None, None)[len(r) - 3 :]) for r in rows]
    names = ("product_id", "lender_id", "share", "valid_from", "valid_to", "most")
    return build("participation", {n: [r[i] for r in full] for i, n in enumerate(names)})


def offers(day, *rows):
    """Offers as (project, product, amount); the applicant has the id of the project."""
    n = len(rows)
    return build("offer", {
        "project_id": [r[0] for r in rows], "product_id": [r[1] for r in rows],
        "party_id": [r[0] for r in rows], "amount": [r[2] for r in rows], "as_of": [day] * n,
        "value": [0] * n, "rate": [43_500] * n,
        "reasons": [[{"code": "match.value", "points": 1}]] * n,
    })  # fmt: skip
