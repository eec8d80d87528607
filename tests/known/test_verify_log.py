"""The verifier for outsiders: it holds what liandong proves and nothing else, without liandong."""

import ast
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from liandong.govern.log.checkpoints import Checkpoint, Proof
from liandong.govern.log.notes import WITNESS, Note, Signer
from liandong.govern.log.tree import head, inclusion, leaf, over
from support.credentials import AUDITOR, Region, what

SCRIPT = Path(__file__).parents[2] / "tools" / "verify_log.py"
SPACE: dict = {"__name__": "verify_log"}
exec(compile(SCRIPT.read_text("utf-8"), str(SCRIPT), "exec"), SPACE)  # noqa: S102 - a script
verify, signers, read_key = (SPACE[n] for n in ("verify", "signers", "read_key"))
NotProved = SPACE["NotProvedError"]

LOG, WITNESSES = Signer.new("bank.example/acts"), [Signer.new(f"w{i}", WITNESS) for i in (1, 2)]
KEYS = [str(s.key) for s in (LOG, *WITNESSES)]
ENTRIES = [f'{{"seq":{i}}}'.encode() for i in range(40)]
LEAVES = [leaf(e) for e in ENTRIES]


def proof_of(index, size, extra=""):
    text = str(Checkpoint(LOG.name, size, head(size, over(LEAVES[:size]))))
    note = Note(text, (LOG.sign(text), *(w.sign(text, at=1_700_000_000) for w in WITNESSES)))
    told = str(Proof(index, tuple(inclusion(index, size, over(LEAVES[:size]))), note))
    return told.replace("\nindex", f"\n{extra}index")


def test_it_needs_nothing_of_ours():
    tree = ast.parse(SCRIPT.read_text("utf-8"))
    names = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    names |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert {n.split(".")[0] for n in names} <= {*sys.stdlib_module_names, "cryptography"}


def test_the_note_of_the_specification():
    """The example of C2SP signed-note 1.0."""
    key = read_key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    line = (
        "\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjO"
        "BH3mFXmRKuwHjG1Yu72IneyaQM="
    )
    assert signers("This is an example message.\n", [line], [key]) == {key}
    with pytest.raises(NotProved, match="does not hold"):
        signers("This was an example message.\n", [line], [key])


def test_every_proof_of_small_logs_holds_and_for_no_other_entry():
    for size in (1, 2, 3, 5, 8, 13, 33, 40):
        for index in range(size):
            proof = proof_of(index, size)
            assert verify(proof, ENTRIES[index], KEYS, 2) == (LOG.name, index, size)
            with pytest.raises(NotProved, match="does not lead"):
                verify(proof, ENTRIES[index] + b" ", KEYS)
    assert verify(proof_of(5, 20, "extra YWJj\n"), ENTRIES[5], KEYS[:1]) == (LOG.name, 5, 20)


def test_every_byte_of_proof_and_entry_counts():
    told, entry = proof_of(5, 20).encode(), ENTRIES[5]
    for place in range(len(told)):
        changed = bytearray(told)
        changed[place] ^= 1 << place % 8
        with pytest.raises((NotProved, UnicodeDecodeError)):
            verify(changed.decode(), entry, KEYS, 2)
        with pytest.raises((NotProved, UnicodeDecodeError)):
            verify(told[:place].decode(), entry, KEYS, 2)
    for place in range(len(entry)):
        with pytest.raises(NotProved):
            verify(told.decode(), entry[:place] + b"x" + entry[place + 1 :], KEYS, 2)


def with_line(proof, number, line):
    lines = proof.split("\n")
    return "\n".join([*lines[:number], line, *lines[number:]])


PROOF = proof_of(5, 20)


@pytest.mark.parametrize(
    ("proof", "keys", "witnesses", "said"),
    [
        (PROOF, KEYS[1:], 0, "no key given"),
        (PROOF, [str(Signer.new(LOG.name).key), *KEYS[1:]], 0, "no key given"),
        (PROOF, KEYS[:2], 2, "1 witnesses signed, 2"),
        (PROOF, [KEYS[0], KEYS[1], KEYS[1]], 2, "1 witnesses signed, 2"),
        (PROOF, [KEYS[0].replace("+", "+00000000+", 1)], 0, "key"),
        (PROOF, ["nothing"], 0, "key"),
        (with_line(PROOF, 2, b64encode(bytes(32)).decode()), KEYS, 0, "too long|does not lead"),
        (PROOF.replace("index 5", "index 05"), KEYS, 0, "no number"),
        (PROOF.replace("index 5", "index 20"), KEYS, 0, "not in the checkpoint"),
        (PROOF.replace("@v1", "@v2"), KEYS, 0, "no proof"),
        ("", KEYS, 0, "no proof"),
    ],
)
def test_what_does_not_hold_is_said(proof, keys, witnesses, said):
    with pytest.raises(NotProved, match=said):
        verify(proof, ENTRIES[5], keys, witnesses)


def test_it_runs_alone(tmp_path):
    (tmp_path / "p.tlog-proof").write_text(PROOF, encoding="utf-8")
    (tmp_path / "e.json").write_bytes(ENTRIES[5] + b"\n")
    (tmp_path / "wrong.json").write_bytes(ENTRIES[6])

    def run(entry, *more):
        # -I: neither the folder of the project nor PYTHONPATH is looked at.
        words = [sys.executable, "-I", str(SCRIPT), "p.tlog-proof", entry, "--key", KEYS[0], *more]
        return subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=False)

    good = run("e.json", "--key", KEYS[1], "--witnesses", "1")
    assert (good.returncode, good.stdout) == (0, f"proved: entry 6 of 20 in {LOG.name}\n")
    for words in (("wrong.json",), ("e.json", "--witnesses", "1"), ("none.json",)):
        bad = run(*words)
        assert (bad.returncode, bad.stdout) == (1, "")
        assert bad.stderr.startswith("not proved: ")
    assert run("e.json", "--witnesses", "x").returncode == 2


def test_a_credential_without_liandong(tmp_path):
    with Region(tmp_path, "west") as west:
        number = west.board.credentials.issue(what(grade="甲 \U0001f3d7", 等级="一"))
        text, listed = west.file(number), west.listed()
    keys, one = [str(west.key), str(AUDITOR.key)], tmp_path / "c.json"

    def told(said, *more):
        one.write_text(said, "utf-8")
        command = [sys.executable, SCRIPT, one, "--key", keys[0], "--key", keys[1], *more]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout + done.stderr

    assert told(text, "--witnesses", "1") == (
        0, f"proved: entry {number} of {number} in west.example/acts\n",
    )  # fmt: skip
    assert told(listed)[0] == 0
    for wrong, said in (
        (text.replace("一", "二"), "committed to"),
        (text.replace("https://west", "https://east"), "committed to"),
        (text.replace('"kind":', '"kind": "x", "kind":'), "twice"),
        (text.replace('"claims": {', '"claims": {"x": 1.5,'), "no credential has"),
        ("{}", "no credential"), ("", "no credential"),
    ):  # fmt: skip
        code, why = told(wrong)
        assert code == 1, why
        assert said in why
