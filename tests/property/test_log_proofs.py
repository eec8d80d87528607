"""Proofs of logs: every one of small trees, and nothing else passes."""

import hashlib
from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandong.errors import UsageError
from liandong.govern.log.checkpoints import Checkpoint, Proof
from liandong.govern.log.notes import WITNESS, Key, Note, Signer
from liandong.govern.log.tiles import Tile, cut, grown, packed, reading, tile_of, tiles, unpacked
from liandong.govern.log.tree import (
    consistency,
    head,
    inclusion,
    is_consistent,
    is_included,
    leaf,
    over,
)  # fmt: skip

ENTRIES = [f"entry {i}".encode() for i in range(70)]
LEAVES = [leaf(e) for e in ENTRIES]
HEADS = [head(n, over(LEAVES[:n])) for n in range(70)]


def plain(leaves):
    """The head as RFC 6962 defines it, without any thought of speed."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + plain(leaves[:k]) + plain(leaves[k:])).digest()


def test_heads_are_those_of_the_definition():
    assert [plain(LEAVES[:n]) for n in range(70)] == HEADS


def test_every_inclusion_is_proved_and_nothing_else():
    for size in range(1, 40):
        at = over(LEAVES[:size])
        for index in range(size):
            proof = inclusion(index, size, at)
            assert is_included(index, size, LEAVES[index], proof, HEADS[size])
            assert not is_included(index, size, LEAVES[index + 1], proof, HEADS[size])
            assert not is_included(index, size, LEAVES[index], proof, HEADS[size - 1])
            assert not is_included(index, size, LEAVES[index], [*proof, LEAVES[0]], HEADS[size])
            if proof:
                assert not is_included(index, size, LEAVES[index], proof[:-1], HEADS[size])
            others = {
                i for i in range(size) if is_included(i, size, LEAVES[index], proof, HEADS[size])
            }
            assert others == {index}


def test_every_consistency_is_proved_and_nothing_else():
    for size in range(40):
        at = over(LEAVES[:size])
        for old in range(size + 1):
            proof = consistency(old, size, at)
            assert is_consistent(old, size, HEADS[old], HEADS[size], proof)
            assert not is_consistent(old, size, HEADS[old], HEADS[size], [*proof, LEAVES[0]])
            if old:
                assert not is_consistent(old, size, HEADS[old - 1], HEADS[size], proof)
            if 0 < old < size:
                assert not is_consistent(old, size, HEADS[old], HEADS[size + 1], proof)
                assert not is_consistent(old, size, HEADS[old], HEADS[size], proof[:-1])


@given(st.lists(st.integers(0, 300), max_size=5), st.data())
def test_tiles_grow_as_the_tree_does(steps, data):
    total, kept = 0, {}
    leaves = [leaf(str(i).encode()) for i in range(sum(steps))]
    for step in steps:
        kept |= grown(leaves[total : total + step], total, kept.__getitem__)
        total += step
        assert all(t in kept for t in tiles(total))
        at = reading(total, kept.__getitem__)
        assert head(total, at) == plain(leaves[:total])
    if total:
        index = data.draw(st.integers(0, total - 1))
        at = reading(total, kept.__getitem__)
        assert inclusion(index, total, at) == inclusion(index, total, over(leaves))
        old = data.draw(st.integers(0, total))
        assert consistency(old, total, at) == consistency(old, total, over(leaves))
        assert kept[tile_of(0, index // 256, total)][index % 256] == leaves[index]


def test_the_files_of_the_specification():
    """The examples of C2SP tlog-tiles: a log of 70,000, one of 256, and a large number."""
    found = list(tiles(70_000))
    by_level = [[t for t in found if t.level == k] for k in range(3)]
    assert [len(level) for level in by_level] == [274, 2, 1]
    assert [level[-1].width for level in by_level] == [112, 17, 1]
    assert list(tiles(256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]
    assert Tile(0, 1_234_067, 256).path == "tile/0/x001/x234/067"
    assert Tile(0, 1_234_067, 8).bundle == "tile/entries/x001/x234/067.p/8"


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_are_read_as_they_were_written(entries):
    assert unpacked(packed(entries)) == entries


def test_what_is_cut_off_is_no_bundle_and_no_tile():
    with pytest.raises(ValueError, match="cut off"):
        unpacked(packed([b"abc", b"defg"])[:-1])
    with pytest.raises(ValueError, match="cut off"):
        cut(b"0" * 33)
    with pytest.raises(UsageError, match="65536 bytes"):
        packed([b"0" * 65_536])


SIGNER, WITNESSES = Signer.new("bank.example/acts"), [Signer.new(f"w{i}", WITNESS) for i in (1, 2)]


def proof_of(index=5, size=20):
    text = str(Checkpoint(SIGNER.name, size, HEADS[size]))
    note = Note(text, (SIGNER.sign(text), *(w.sign(text, at=1_700_000_000) for w in WITNESSES)))
    return Proof(index, tuple(inclusion(index, size, over(LEAVES[:size]))), note)


def test_a_proof_is_read_as_it_was_written_and_proves():
    proof = Proof.read(str(proof_of()))
    keys = [s.key for s in (SIGNER, *WITNESSES)]
    assert proof == proof_of()
    assert proof.proves(ENTRIES[5], keys, witnesses=2).size == 20
    extra = str(proof).replace("\nindex", "\nextra AAAA\nindex")
    assert Proof.read(extra) == proof
    for entry, trusted, witnesses, said in (
        (ENTRIES[6], keys, 0, "does not lead"),
        (ENTRIES[5], [Signer.new(SIGNER.name).key], 0, "no trusted key"),
        (ENTRIES[5], keys[1:], 0, "no trusted key"),
        (ENTRIES[5], keys[:2], 2, "1 trusted witnesses"),
    ):
        with pytest.raises(UsageError, match=said):
            proof.proves(entry, trusted, witnesses)


@given(st.data())
def test_no_byte_of_a_proof_can_be_changed(data):
    told = str(proof_of()).encode()
    place = data.draw(st.integers(0, len(told) - 1))
    changed = bytearray(told)
    changed[place] ^= data.draw(st.integers(1, 255))
    keys = [s.key for s in (SIGNER, *WITNESSES)]
    with pytest.raises((UsageError, UnicodeDecodeError)):
        Proof.read(changed.decode()).proves(ENTRIES[5], keys, witnesses=2)


@pytest.mark.parametrize("kind", [1, WITNESS])
def test_keys_are_read_as_they_were_written(kind):
    signer = Signer.new("bank.example/acts", kind)
    assert Signer.read(signer.write() + "\n") == signer
    assert Key.read(str(signer.key)) == signer.key
    name, said, rest = str(signer.key).split("+", 2)
    for bad in (f"{name}+00000000+{rest}", f"{name}+{said}", "", f"{name}+{said}+!{rest[1:]}"):
        with pytest.raises(UsageError):
            Key.read(bad)
    with pytest.raises(UsageError) as told:
        Signer.read(signer.write()[:-8] + "AAAAAAA=")
    assert signer.write()[-20:] not in str(told.value)
    for bad in ("", "two words", "a+b"):
        with pytest.raises(UsageError):
            Signer.new(bad)


def test_a_witness_signs_the_time_too():
    text, witness = "log\n1\nAAAA\n", WITNESSES[0]
    line = witness.sign(text, at=1_679_315_147)
    raw = b64decode(line.split(" ")[2])
    assert raw[:4] == witness.key.id
    assert int.from_bytes(raw[4:12]) == 1_679_315_147
    later = raw[:4] + (1_679_315_148).to_bytes(8) + raw[12:]
    assert witness.key.holds(text, raw[4:])
    assert not witness.key.holds(text, later[4:])
    forged = f"\u2014 {witness.name} {b64encode(later).decode()}\n"
    with pytest.raises(UsageError, match="does not hold"):
        Note(text, (forged,)).signed_by([witness.key])


BAD_NOTES = (
    "", "text\n", "text\n\n", "text\n\nline\n", "a\tb\n\n\u2014 n AAAA\n", "text\n\n\u2014 n AAAA",
)  # fmt: skip


@pytest.mark.parametrize("bad", BAD_NOTES)
def test_what_is_no_note_is_refused(bad):
    with pytest.raises(UsageError, match="no signed note"):
        Note.read(bad)


@pytest.mark.parametrize("bad", ["", "log\n", "log\n01\nAAAA\n", "log\n-1\n", "log\n1\nAAAA\n"])
def test_what_is_no_checkpoint_is_refused(bad):
    with pytest.raises(UsageError, match="no signed note"):
        Checkpoint.read(bad)
