"""Small tables of invoices and pledges: every field a default, every default replaceable."""

from datetime import timedelta

from liandong.match.supply.prints import PRINTS, with_prints
from liandong.schema.arrow import build, empty
from support.lending import DAY, WAN

_INVOICE = {
    "seller": "S", "buyer": "B", "date": DAY - timedelta(30), "net": 100 * WAN, "tax": 13 * WAN,
    "status": "valid", "ref": None,
}  # fmt: skip


def invoices(*rows):
    """Invoices, each a dict with an id and what differs from the default."""
    full = [{**_INVOICE, **r} for r in rows]
    return build("invoice", {n: [r[n] for r in full] for n in ("invoice_id", *_INVOICE)})


def pledges(invoice, party=None, **fields):
    """Pledges of all of some invoices."""
    known = with_prints(invoice, party or empty("party"))
    given = {"project_id": "R1", "lender_id": "L1", "pledged_on": DAY - timedelta(10), **fields}
    columns = {n: known[n] for n in ("invoice_id", *PRINTS)}
    return build("pledge", columns | {n: [v] * len(known) for n, v in given.items()})
