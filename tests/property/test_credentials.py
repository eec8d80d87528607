"""Whatever is changed in the file of a credential, it does not hold any more."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from liandong.errors import DataError
from liandong.govern.credentials import Qualification, Sealed
from support.credentials import AUDITOR, CODE, NOW, Region, forged, what

WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)
WHERE = ("claims", "kind", "code")
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20)


@cache
def made():
    """Return a credential, a list of revoked ones, and the keys that both hold by."""
    with TemporaryDirectory() as folder, Region(Path(folder), "west") as west:
        west.board.credentials.issue(what(grade="B"))
        number = west.board.credentials.issue(what(grade="甲", year="2019"))
        west.board.credentials.revoke(1, "lapsed")
        text, listed = west.file(number), west.listed()
    return text, listed, (west.key, AUDITOR.key)


def holds(text):
    try:
        sealed = Sealed.read(text)
    except DataError:
        return False
    return not any(c.fault for c in sealed.checks(made()[2], 1, NOW.date()))


def test_it_holds_as_it_is():
    assert holds(made()[0])
    assert holds(made()[1])


@settings(max_examples=300, deadline=None)
@given(st.data(), st.booleans())
def test_no_changed_byte(data, of_list):
    raw = bytearray(made()[of_list].encode())
    place = data.draw(st.integers(0, len(raw) - 1))
    other = data.draw(st.integers(0, 255))
    assume(raw[place] != other)
    raw[place] = other
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return
    assert not holds(text)


@settings(max_examples=300, deadline=None)
@given(st.data(), st.booleans())
def test_nothing_left_out_or_put_in(data, of_list):
    text = made()[of_list]
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    new = data.draw(st.sampled_from(("", " ", "0", '"', "\\u0041", text[start:end])))
    changed = text[:start] + new + text[end:]
    assume(changed not in {text, text + "\n"})
    assert not holds(changed)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(("grade", "year", "new")), TEXTS, st.sampled_from(("claims", "kind", "code"))
)
def test_no_changed_claim(name, value, where):
    def change(document):
        subject = document["credentialSubject"]
        if where == "claims":
            assume(subject["claims"].get(name) != value)
            subject["claims"][name] = value
        else:
            subject["kind" if where == "kind" else "creditCode"] = value

    assert not holds(forged(made()[0], change))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(("issuer", "validFrom", "validUntil", "type", "@context", "proof")), TEXTS)
def test_no_changed_field(name, value):
    text = made()[0]
    whole = json.loads(text)
    for changed in ({**whole, name: value}, {n: v for n, v in whole.items() if n != name},
                    {**whole, name + "s": value}):  # fmt: skip
        said = json.dumps(changed, ensure_ascii=False, indent=2, sort_keys=True)
        assert not holds(said)


@settings(max_examples=100, deadline=None)
@given(WORDS, st.dictionaries(WORDS, TEXTS.filter(str.strip), max_size=5), st.dates(), st.dates())
def test_what_is_said_is_read_again(kind, claims, first, last):
    said = Qualification(CODE, kind, claims, min(first, last), max(first, last))
    said.need_sound()
    document = json.loads(json.dumps(said.document("a.example")))
    assert Qualification.of(document) == said
    assert Qualification(CODE, kind, {**claims, "\u00e9": "x"}, first).line != said.line
