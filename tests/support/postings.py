"""The ledger as a plain loop: what posting is held against."""

from collections import defaultdict

FIELDS = (
    "debit", "credit", "amount", "unit", "phase", "event_time", "agreement", "ref", "until",
)  # fmt: skip
MOST = 10**15


class Twin:
    """Accounts by id as (unit, capped), entries that were accepted, and what they add up to."""

    def __init__(self, accounts):
        self.accounts = accounts
        self.entries, self.closed = {}, None

    def counters(self):
        found = defaultdict(lambda: [0, 0, 0, 0])
        ended = {e["ref"] for e in self.entries.values() if e["phase"] in {"post", "void"}}
        for e in self.entries.values():
            waits = e["phase"] == "pending" and e["entry_id"] not in ended
            if waits or e["phase"] in {"posted", "post"}:
                found[e["debit"]][2 * waits] += e["amount"]
                found[e["credit"]][2 * waits + 1] += e["amount"]
        return found

    def post(self, rows):
        """Return the results of a batch; groups are posted on trial and taken back."""
        results, at = [], 0
        while at < len(rows):
            end = at
            while end < len(rows) - 1 and rows[end]["linked"]:
                end += 1
            results += self._group(rows[at : end + 1])
            at = end + 1
        return results

    def _group(self, rows):
        before, found = dict(self.entries), []
        for row in rows:
            result = "chain_open" if row is rows[-1] and row["linked"] else self._one(row)
            if result not in {"ok", "exists"}:
                self.entries = before
                others = len(rows) - len(found) - 1
                return ["linked_failed"] * len(found) + [result] + ["linked_failed"] * others
            if result == "ok":
                self.entries[row["entry_id"]] = row
            found.append(result)
        return found

    def _one(self, e):
        if old := self.entries.get(e["entry_id"]):
            off = [f for f in FIELDS if e[f] != old[f]]
            return f"exists_with_different_{off[0]}" if off else "exists"
        if not 0 < e["amount"] <= MOST:
            return "amount_too_large" if e["amount"] > 0 else "amount_not_positive"
        if e["phase"] not in {"posted", "pending", "post", "void"}:
            return "unknown_phase"
        for side in ("debit", "credit"):
            if e[side] not in self.accounts:
                return f"unknown_{side}"
        if e["debit"] == e["credit"]:
            return "same_account"
        if {self.accounts[e[s]][0] for s in ("debit", "credit")} != {e["unit"]}:
            return "other_unit"
        if self.closed and e["event_time"] <= self.closed:
            return "closed_period"
        return self._ends(e) if e["phase"] in {"post", "void"} else self._fits(e)

    def _ends(self, e):
        begun = self.entries.get(e["ref"])
        if begun is None:
            return "unknown_reservation"
        if begun["phase"] != "pending":
            return "not_a_reservation"
        done = (x for x in self.entries.values() if x["phase"] in {"post", "void"})
        if any(x["ref"] == e["ref"] for x in done):
            return "ended_before"
        if (e["debit"], e["credit"]) != (begun["debit"], begun["credit"]):
            return "other_accounts"
        return "ok" if e["amount"] <= begun["amount"] else "more_than_reserved"

    def _fits(self, e):
        of = self.counters()
        debit, credit = of[e["debit"]], of[e["credit"]]
        capped = [self.accounts[e[s]][1] for s in ("debit", "credit")]
        if capped[0] == "debits" and debit[0] + debit[2] + e["amount"] > debit[1]:
            return "debit_limit"
        if capped[1] == "credits" and credit[1] + credit[3] + e["amount"] > credit[0]:
            return "credit_limit"
        return "ok"
