"""Documents by their hash: what a power asks for, who agreed on which, and whether a file is it."""

import hashlib

import pytest

from liandong.errors import RefusedError, UsageError
from support.command import call

OLD, NEW = (hashlib.sha256(text).hexdigest() for text in (b"old contract", b"new contract"))


@pytest.fixture
def fund(board):
    board.powers.add(
        [{"power_id": "P1", "holder": "li", "action": "pay", "evidence": ["contract"]},
         {"power_id": "P2", "holder": "wang", "action": "pay", "evidence": ["contract"],
          "approvals": {"n": 1, "of": "role:board"}}],
        [{"person": "bob", "post": "role:board"}],
    )  # fmt: skip
    return board


def used(board):
    return [r["evidence"] for r in board.store.books.rows("power_act", kind="used")]


def test_a_power_takes_documents_of_its_subject_by_hash(fund):
    li = fund.acting("li").powers
    with pytest.raises(RefusedError, match="evidence is missing"):
        li.need("pay", "F1")
    fund.acting("clerk").powers.attach("pay", "F1", {"contract": OLD, "photo": NEW})
    for action, subject in (("pay", "F2"), ("pay", "")):
        with pytest.raises(RefusedError, match="evidence"):
            li.need(action, subject)
    li.need("pay", "F1")
    fund.powers.attach("pay", "F1", {"contract": NEW})
    li.need("pay", "F1")
    # What was relied on is kept with the use, and only what the entry asks for.
    assert used(fund) == [f'{{"contract": "{OLD}"}}', f'{{"contract": "{NEW}"}}']
    found = [(r["kind"], r["actor"], r["document"]) for r in fund.powers.brought(OLD)]
    assert [(kind, document) for kind, _, document in found] == [
        ("attached", "contract"), ("used", "contract"),
    ]  # fmt: skip
    assert fund.powers.brought("0" * 64) == []
    assert fund.check() == []
    for bad in ({}, {"contract": "abc"}, {"": OLD}, {"contract": OLD.upper()}):
        with pytest.raises(UsageError):
            li.attach("pay", "F1", bad)


def test_who_agreed_did_so_on_the_documents_as_they_were(fund):
    wang, bob = fund.acting("wang").powers, fund.acting("bob").powers
    asked = wang.ask("pay", "F1", 5, {"contract": OLD})
    (waits,) = bob.inbox()["asked"]
    assert (waits["documents"], waits["stands"]) == ({"contract": OLD}, "")
    bob.agree(asked)
    fund.powers.attach("pay", "F1", {"contract": NEW})
    (waits,) = bob.inbox()["asked"]
    assert (waits["documents"], waits["agreed"], waits["stands"]) == ({"contract": NEW}, [], "")
    with pytest.raises(RefusedError, match="1 more"):
        wang.need("pay", "F1", 5)
    bob.agree(asked)
    with pytest.raises(RefusedError, match="before"):
        bob.agree(asked)
    wang.need("pay", "F1", 5)
    assert used(fund) == [f'{{"contract": "{NEW}"}}']


def test_a_file_is_attached_and_verified_on_the_command_line(tmp_path):
    def ask(*words):
        return call("-b", "t.board", "--actor", "li", *words, cwd=tmp_path)

    file = tmp_path / "contract.pdf"
    file.write_bytes(b"old contract")
    ask("init")
    about = ("--subject", "F1", "--evidence", f"contract={file}")
    for words in (("attach", "pay", *about), ("ask", "pay", *about)):
        assert ask("powers", *words)[0] == 0
    code, out, _ = ask("powers", "inbox")
    assert (code, OLD in out) == (0, True)
    code, out, _ = ask("check", "evidence", file)
    assert (code, out.count("contract: pay F1")) == (0, 2)
    file.write_bytes(b"old contracT")
    assert ask("check", "evidence", file)[0] == 3
    for bad in ("contract", f"contract={tmp_path}/none"):
        assert ask("powers", "attach", "pay", "--evidence", bad)[0] in {2, 4}
    assert ask("powers", "attach", "pay")[0] == 2
