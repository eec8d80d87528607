"""Small books of vouchers written as text, and a plain twin of the kernel of lots."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

from liandong.schema.arrow import build

START = datetime(2024, 1, 1, 2, tzinfo=UTC)
"""Ten in the morning in China."""
DUE = "2024-06-30"


def act_table(*lines, order=None):
    """Return table ``voucher_act`` of lines ``KIND FROM>TO FEN [NAME=VALUE ...]``.

    The n-th line is act ``a{n}``, n days after 1 January 2024 unless ``day=N`` says otherwise.
    Names: v (voucher), lot, due, invoice, rate (ppm), by (who bears it), id, seq. An issue is due
    on 30 June unless it says otherwise; ``due=-`` is none.
    """
    rows = [_row(n, line.split()) for n, line in enumerate(lines, 1)]
    rows = [rows[i] for i in order] if order else rows
    names = rows[0] if rows else []
    return build("voucher_act", {n: [r[n] for r in rows] for n in names})


def _row(n, words):
    kind, ends, amount = words[:3]
    source, _, target = ends.partition(">")
    named = dict(w.split("=") for w in words[3:])
    due = named.get("due", DUE if kind == "issue" else "-")
    return {
        "act_id": named.get("id", f"a{n}"), "at": START + timedelta(days=int(named.get("day", n))),
        "seq": int(named.get("seq", 0)), "kind": kind, "voucher_id": named.get("v"),
        "lot_id": named.get("lot"), "from_party": source or None, "to_party": target or None,
        "amount": int(amount), "due": None if due == "-" else date.fromisoformat(due),
        "invoice_id": named.get("invoice"), "rate": int(named["rate"]) if "rate" in named else None,
        "borne_by": named.get("by"),
    }  # fmt: skip


def faults(tables):
    """Return {act: fault}."""
    return {r["act_id"]: r["fault"] for r in tables["voucher_fault"].to_pylist()}


def left(tables):
    """Return {lot: (holder, left)} of lots with something left."""
    rows = tables["voucher_lot"].to_pylist()
    return {r["lot_id"]: (r["holder_id"], r["left"]) for r in rows if r["left"]}


def held(tables):
    """Return {(voucher, holder): fen}."""
    rows = tables["voucher_holding"].to_pylist()
    return {(r["voucher_id"], r["holder_id"]): r["amount"] for r in rows}


class Twin:
    """A book kept by hand: a list of lots, looked through from the first for every act."""

    def __init__(self, rows):
        self.lots, self.fault = {}, {}
        self.voucher, self.settled = {}, defaultdict(int)
        for row in sorted(rows, key=lambda r: (r["at"], r["seq"], r["act_id"])):
            self._do(row)

    def _do(self, r):
        if r["kind"] == "split" and not r["to_party"]:
            r = {**r, "to_party": r["from_party"]}
        why = self._alone(r) or self._issue(r)
        if r["kind"] != "issue" and not why:
            taken = self._pick(r)
            why = taken if isinstance(taken, str) else self._move(r, taken)
        if why:
            self.fault[r["act_id"]] = why

    def _alone(self, r):
        ends = r["kind"] in {"settle", "cancel"}
        day = (r["at"] + timedelta(hours=8)).date()
        tests = {
            "zero": r["amount"] == 0, "negative": r["amount"] < 0,
            "no_party": not r["to_party"] or not (r["from_party"] or ends),
            "self_transfer": r["from_party"] == r["to_party"] and r["kind"] != "split",
            "no_voucher": not r["voucher_id"]
            and (r["kind"] == "issue" or (ends and not r["lot_id"])),
            "no_due": r["kind"] == "issue" and not r["due"],
            "no_rate": r["kind"] == "discount" and r["rate"] is None,
            "due_passed": r["kind"] == "issue" and r["due"] and r["due"] < day,
        }  # fmt: skip
        return next((name for name, bad in tests.items() if bad), None)

    def _issue(self, r):
        if r["kind"] != "issue":
            return None
        if r["voucher_id"] in self.voucher:
            return "issued_twice"
        self.voucher[r["voucher_id"]] = (r["from_party"], r["due"])
        self._lot(r, None, r["voucher_id"], r["amount"])
        return None

    def _lot(self, r, parent, voucher, amount):
        number = 1 + sum(n.rpartition("#")[0] == r["act_id"] for n in self.lots)
        self.lots[f"{r['act_id']}#{number}"] = {
            "parent": parent, "voucher": voucher, "holder": r["to_party"], "amount": amount,
            "left": amount, "settled": 0,
        }  # fmt: skip

    def _pick(self, r):
        ends, need = r["kind"] in {"settle", "cancel"}, r["amount"]
        holder = r["to_party"] if ends else r["from_party"]
        if r["lot_id"]:
            name = r["lot_id"] if r["lot_id"] in self.lots else f"{r['lot_id']}#1"
            if name not in self.lots:
                return "unknown_parent"
            lot = self.lots[name]
            if r["voucher_id"] not in {None, lot["voucher"]}:
                return "other_voucher"
            if lot["holder"] != holder:
                return "not_holder"
            why = self._against(r, lot["voucher"], ends=ends)
            if why or lot["left"] >= need:
                return why or [name]
            again = r["kind"] == "settle" and lot["left"] == 0 and lot["settled"]
            return "settled_twice" if again else "more_than_held"
        mine = [n for n, x in self.lots.items() if x["holder"] == holder and x["left"]]
        if r["voucher_id"]:
            return self._of_voucher(r, mine, ends=ends)
        return self._of_any(r, mine)

    def _against(self, r, voucher, *, ends):
        if voucher not in self.voucher:
            return "unknown_voucher"
        issuer, due = self.voucher[voucher]
        if r["due"] not in {None, due}:
            return "across_due"
        if ends:
            return "not_issuer" if r["from_party"] not in {None, issuer} else None
        return "after_maturity" if (r["at"] + timedelta(hours=8)).date() > due else None

    def _of_voucher(self, r, mine, *, ends):
        if why := self._against(r, r["voucher_id"], ends=ends):
            return why
        mine = [n for n in mine if self.lots[n]["voucher"] == r["voucher_id"]]
        have = sum(self.lots[n]["left"] for n in mine)
        if have >= r["amount"]:
            return mine
        again = r["kind"] == "settle" and not have and self.settled[r["voucher_id"]]
        return "settled_twice" if again else "more_than_held"

    def _of_any(self, r, mine):
        day = (r["at"] + timedelta(hours=8)).date()
        due = {n: self.voucher[self.lots[n]["voucher"]][1] for n in mine}
        mine = [n for n in mine if r["due"] in {None, due[n]}]
        live = [n for n in mine if due[n] >= day]
        have = sum(self.lots[n]["left"] for n in live)
        if have < r["amount"]:
            late = sum(self.lots[n]["left"] for n in mine) >= r["amount"]
            return "after_maturity" if late else "more_than_held"
        used, need = [], r["amount"]
        while need > 0:
            used.append(live[len(used)])
            need -= self.lots[used[-1]]["left"]
        return used if len({due[n] for n in used}) == 1 else "across_due"

    def _move(self, r, names):
        need = r["amount"]
        for name in names:
            lot = self.lots[name]
            x = min(lot["left"], need)
            if not x:
                break
            need -= x
            lot["left"] -= x
            if r["kind"] == "settle":
                lot["settled"] += x
                self.settled[lot["voucher"]] += x
            elif r["kind"] != "cancel":
                self._lot(r, name, lot["voucher"], x)
