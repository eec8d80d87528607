"""Small tables of firms for tests of measures, and what is measured of them."""

from datetime import UTC, date, datetime

from liandong.assess import features
from liandong.schema.arrow import build, empty

DAY = date(2023, 12, 31)
READS = features.reads


def parties(*rows):
    """Rows of (id, kind, founded, valid_to)."""
    names = ("party_id", "kind", "founded", "valid_to")
    return build("party", {n: [r[i] for r in rows] for i, n in enumerate(names)})


def firms(*names):
    return parties(*((n, "firm", None, None) for n in names))


def invoices(*rows):
    """Rows of (seller, buyer, day, yuan, status); 10 % tax."""
    return build("invoice", {
        "invoice_id": [str(i) for i in range(len(rows))],
        "seller": [r[0] for r in rows], "buyer": [r[1] for r in rows],
        "date": [date.fromisoformat(r[2]) for r in rows],
        "net": [r[3] * 100 for r in rows], "tax": [r[3] * 10 for r in rows],
        "status": [r[4] for r in rows],
    })  # fmt: skip


def signals(*rows):
    """Rows of (party, source, measure, period, value, seen_at)."""
    names = ("party_id", "source", "measure", "period", "value", "seen_at")
    return build("signal", {n: [r[i] for r in rows] for i, n in enumerate(names)})


def events(*rows):
    """Rows of (party, kind, happened, seen, yuan)."""
    return build("event", {
        "event_id": [f"E{i}" for i in range(len(rows))],
        "party_id": [r[0] for r in rows], "kind": [r[1] for r in rows],
        "at": [date.fromisoformat(r[2]) for r in rows],
        "seen_at": [r[3] and date.fromisoformat(r[3]) for r in rows],
        "amount": [r[4] and r[4] * 100 for r in rows],
    })  # fmt: skip


def edges(*rows):
    """Rows of (from, to, kind, from day, to day)."""
    names = ("src", "dst", "kind", "valid_from", "valid_to")
    return build("edge", {n: [r[i] for r in rows] for i, n in enumerate(names)})


def accounts(*rows):
    """Rows of (account, owner, kind, opening yuan)."""
    return build("bank_account", {
        "account_id": [r[0] for r in rows], "party_id": [r[1] for r in rows],
        "kind": [r[2] for r in rows], "opening_balance": [r[3] * 100 for r in rows],
    })  # fmt: skip


def flows(*rows):
    """Rows of (from account, to account, day, yuan, kind)."""
    return build("flow", {
        "flow_id": [f"T{i}" for i in range(len(rows))],
        "src_account": [r[0] for r in rows], "dst_account": [r[1] for r in rows],
        "at": [datetime.fromisoformat(r[2]).replace(tzinfo=UTC) for r in rows],
        "amount": [r[3] * 100 for r in rows], "seq": list(range(len(rows))),
        "kind": [r[4] for r in rows],
    })  # fmt: skip


def consents(*rows):
    """Rows of (party, data set, purpose, until)."""
    names = ("party_id", "dataset", "purpose", "until")
    columns = {n: [r[i] for r in rows] for i, n in enumerate(names)}
    return build("consent", {"consent_id": [f"K{i}" for i in range(len(rows))], **columns})


def measured(invoice=None, signal=None, party=None, *, what="value", as_of=DAY, **tables):
    """Return the measures of each firm by name (or which of them are withheld)."""
    given = {
        "invoice": invoice,
        "signal": signal,
        "party": party if party is not None else firms("F"),
        **tables,
    }
    read = [given.get(n) if given.get(n) is not None else empty(n) for n in READS]
    found = {}
    for row in features(*read, as_of=as_of)["feature"].to_pylist():
        found.setdefault(row["party_id"], {})[row["measure"]] = row[what]
    return found
