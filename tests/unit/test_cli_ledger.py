"""The ledger on the command line."""

import json

import liandong as ld
from support.command import call

ACCOUNTS = """account_id,owner_id,unit,code,capped
a,o,tce,memo,
b,o,tce,memo,debits
"""
ENTRIES = """entry_id,debit,credit,amount,unit,phase,event_time,linked
1,a,b,100,tce,posted,2026-03-01,false
2,b,a,70,tce,posted,2026-03-02,true
3,b,a,70,tce,posted,2026-03-02,false
"""


def test_accounts_are_opened_posted_to_reversed_and_closed(tmp_path):
    ld.open(tmp_path / "liandong.board", actor="t").close()
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, "utf-8")
    (tmp_path / "entries.csv").write_text(ENTRIES, "utf-8")

    def ledger(*words, lang="en"):
        return call("--lang", lang, "ledger", *words, cwd=tmp_path)

    def held(*words):
        rows = json.loads(ledger("balances", *words, "--json")[1])
        return {r["account_id"]: (r["debit"], r["credit"]) for r in rows}

    assert ledger("open", "accounts.csv")[:2] == (0, "2\n")
    code, out, _ = ledger("post", "entries.csv")
    assert code == 1
    assert "the debit account has too little" in out
    assert "同组分录未能入账" in ledger("post", "entries.csv", lang="zh")[1]
    assert held() == {"a": (100, 0), "b": (0, 100)}
    code, out, _ = ledger("reverse", "1", "--event", "2026-03-05", "--json")
    assert json.loads(out) == [{"entry_id": "reversal:1", "result": "ok"}]
    assert held() == {"a": (100, 100), "b": (100, 100)}
    assert held("--event", "2026-03-04") == {"a": (100, 0), "b": (0, 100)}
    assert held("--book", "2020-01-01T00:00") == {}
    assert ledger("close", "2026-03-31")[0] == 0
    assert "refused" not in ledger("post", "entries.csv")[2]
    assert ledger("close", "March")[0] == 2
    (tmp_path / "entries.csv").write_text("entry_id,amount\n1,x\n", "utf-8")
    assert ledger("post", "entries.csv")[0] == 4
    assert call("check", cwd=tmp_path)[0] == 0
