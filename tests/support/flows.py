"""Small logs of transfers written as text."""

from datetime import UTC, datetime, timedelta

from liandong.schema.arrow import build

START = datetime(2020, 1, 1, tzinfo=UTC)


def flow_table(*lines, order=None):
    """Return table ``flow`` of lines ``SRC DST FEN [KIND] [ref=ID] [loan=ID] [at=SECONDS]``.

    The n-th line is transfer ``f{n}`` of the n-th second. A disbursement or repayment is of the
    loan it names. With ``got=FEN`` the payee gets another amount, in his own currency. ``order``
    permutes the rows, which must not matter.
    """
    rows = [_row(n, line.split()) for n, line in enumerate(lines)]
    rows = [rows[i] for i in order] if order else rows
    names = (
        "flow_id",
        "src_account",
        "dst_account",
        "amount",
        "received",
        "at",
        "seq",
        "kind",
        "ref",
        "loan_id",
    )
    return build("flow", {n: [r[n] for r in rows] for n in names})


def _row(n, words):
    named = dict(w.split("=") for w in words[3:] if "=" in w)
    plain = [w for w in words[3:] if "=" not in w]
    return {
        "flow_id": f"f{n}", "src_account": words[0], "dst_account": words[1],
        "amount": int(words[2]), "received": int(named["got"]) if "got" in named else None,
        "at": START + timedelta(seconds=int(named.get("at", n))),
        "seq": 0, "kind": (plain or ["transfer"])[0], "ref": named.get("ref"),
        "loan_id": named.get("loan"),
    }  # fmt: skip


def account_table(**opening):
    """Return table ``bank_account`` of accounts ``name=fen``.

    Or ``name=(fen, kind, facility, currency)``, of which what comes last may be left out.
    """
    told = {n: v if isinstance(v, tuple) else (v,) for n, v in opening.items()}
    rows = [(*v, *(0, "current", None, None)[len(v) :]) for v in told.values()]
    return build("bank_account", {
        "account_id": list(told), "party_id": list(told), "kind": [r[1] for r in rows],
        "opening_balance": [r[0] for r in rows], "facility": [r[2] for r in rows],
        "currency": [r[3] for r in rows],
    })  # fmt: skip


def holdings(tables):
    """Return {loan: {place: fen}} of what a trace gave."""
    found = {}
    for r in tables["holding"].to_pylist():
        found.setdefault(r["loan_id"], {})[r["place"]] = r["amount"]
    return found


def trails(tables):
    """Return [(loan, flow, payer, payee, fen)] of what a trace gave, in order of loan and step."""
    rows = sorted(tables["trail"].to_pylist(), key=lambda r: (r["loan_id"], r["step"]))
    return [
        (r["loan_id"], r["flow_id"], r["src_account"], r["dst_account"], r["amount"]) for r in rows
    ]
