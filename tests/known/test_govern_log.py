"""RFC 6962 tree heads and RFC 8785 texts, against published answers."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from liandong.errors import UsageError
from liandong.govern.log import act_body, canonical, commitment, entry
from liandong.govern.log.notes import Key, Note
from liandong.govern.log.tree import head, leaf, over

# The eight standard entries of the RFC 6962 test vectors.
ENTRIES = [
    bytes.fromhex(h)
    for h in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize(("size", "published"), ROOTS.items())
def test_tree_heads_of_the_standard_leaves(size, published):
    assert head_of(size) == published


def head_of(size):
    return head(size, over([leaf(e) for e in ENTRIES[:size]])).hex()


def test_canonical_sorts_by_utf16_and_keeps_text():
    # RFC 8785 section 3.2.3: U+1F600 sorts before U+FB33 because its first code unit is lower.
    found = canonical({"\ufb33": 1, "\U0001f600": 2, "\r": 3, "1": 4, "\u20ac": 5}).decode()
    assert found == '{"\\r":3,"1":4,"\u20ac":5,"\U0001f600":2,"\ufb33":1}'
    assert canonical(["\u0007\b\x7f/", True, None, -7]) == b'["\\u0007\\b\x7f/",true,null,-7]'


@pytest.mark.parametrize("bad", [1.0, float("nan"), 2**53, {1: "a"}, "\ud800", object(), [b""]])
def test_canonical_refuses_what_readers_may_differ_on(bad):
    with pytest.raises(UsageError):
        canonical(bad)


def test_act_body_is_the_same_in_every_zone():
    noon = datetime(2020, 2, 28, 12, 0, 0, 5, tzinfo=UTC)
    there = noon.astimezone(timezone(timedelta(hours=8)))
    body = act_body(3, there, "li", "run", "assess.score", {"rows": 2})
    assert body == act_body(3, noon, "li", "run", "assess.score", {"rows": 2})
    assert b'"at":"2020-02-28T12:00:00.000005Z"' in body
    with pytest.raises(UsageError):
        act_body(3, noon.replace(tzinfo=None), "li", "run", "x", {})


def test_an_entry_says_nothing_of_what_an_act_was_about():
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    content = commitment(b"salt", "F1", {"why": "Li"})
    said = entry(7, noon, "wang", "export", content)
    assert b"F1" not in said
    assert b"Li" not in said
    assert content.encode() in said
    assert content != commitment(b"other", "F1", {"why": "Li"})
    assert content != commitment(b"salt", "F2", {"why": "Li"})


def test_the_note_of_the_specification():
    """The example of C2SP signed-note 1.0."""
    key = Key.read("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    text = "This is an example message.\n"
    line = (
        "\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjO"
        "BH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    )
    note = Note.read(f"{text}\n{line}")
    assert (note.text, note.lines, note.signed_by([key])) == (text, (line,), [key])
    assert str(key) == "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    with pytest.raises(UsageError, match="does not hold"):
        Note.read(f"{text.replace('is', 'was')}\n{line}").signed_by([key])
