"""A credential as the specifications have it, made and read without the code that makes it."""

import hashlib
import json
from base64 import b64encode
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from liandong.govern.credentials import Qualification, Sealed, revocations
from liandong.govern.log.notes import Key
from liandong.types import names_resident
from support.credentials import CODE

NAME, ENTRY_AT = "west.example/acts", "2026-11-28T04:00:00.000000Z"
SALT = bytes(range(16))
DOCUMENT = {
    "@context": ["https://www.w3.org/ns/credentials/v2", {"@vocab": "urn:liandong:credential#"}],
    "type": ["VerifiableCredential"],
    "issuer": "https://west.example/acts",
    "validFrom": "2026-01-01T00:00:00+08:00",
    "validUntil": "2028-12-31T23:59:59+08:00",
    "credentialSubject": {"creditCode": CODE, "kind": "high_tech", "claims": {"等级": "甲"}},
}
WHAT = Qualification(CODE, "high_tech", {"等级": "甲"}, date(2026, 1, 1), date(2028, 12, 31))


def plain(value):
    """RFC 8785 of what has no numbers but whole ones, and no names beyond U+FFFF."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def by_hand(document, subject, action):
    """Return a file of a log of one entry, and the key: hashed and signed by hand."""
    content = hashlib.sha256(SALT + plain({"body": document, "subject": subject})).hexdigest()
    entry = plain(
        {"seq": 1, "at": ENTRY_AT, "actor": "li", "action": action, "content": content}
    )  # fmt: skip
    head = b64encode(hashlib.sha256(b"\0" + entry).digest()).decode()
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = b"\1" + private.public_key().public_bytes_raw()
    own = hashlib.sha256(NAME.encode() + b"\n" + public).digest()[:4]
    text = f"{NAME}\n1\n{head}\n"
    line = b64encode(own + private.sign(text.encode())).decode()
    proof = f"c2sp.org/tlog-proof@v1\nindex 0\n\n{text}\n— {NAME} {line}\n"
    held = {"type": "TlogProof", "salt": SALT.hex(), "entry": entry.decode(), "tlogProof": proof}
    whole = {**document, "proof": held}
    key = f"{NAME}+{own.hex()}+{b64encode(public).decode()}"
    return json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True), Key.read(key)


def test_the_document_is_that_of_the_data_model():
    assert WHAT.document(NAME) == DOCUMENT
    assert "validUntil" not in Qualification(CODE, "k", {}, date(2026, 1, 1)).document(NAME)
    assert WHAT.line == f'{CODE} high_tech 2026-01-01/2028-12-31 {{"等级":"甲"}}'


def test_a_file_made_by_hand_holds():
    text, key = by_hand(DOCUMENT, CODE, "credential.issue")
    sealed = Sealed.read(text)
    assert (sealed.said, sealed.number) == (WHAT, 1)
    assert [c.name for c in sealed.checks([key], on=date(2026, 6, 1))] == [
        "form", "proof", "content", "issuer", "validity",
    ]  # fmt: skip
    assert not any(c.fault for c in sealed.checks([key], on=date(2026, 6, 1)))


def test_a_list_made_by_hand_holds():
    document = {
        "@context": DOCUMENT["@context"], "type": ["VerifiableCredential", "RevocationList"],
        "issuer": DOCUMENT["issuer"], "credentialSubject": {"revoked": [3, 17]},
    }  # fmt: skip
    assert revocations(NAME, (17, 3)) == document
    text, key = by_hand(document, "", "credential.status")
    sealed = Sealed.read(text)
    assert sealed.said == {3, 17}
    assert not any(c.fault for c in sealed.checks([key]))


def test_a_claim_of_another_kind_of_act_is_none():
    text, key = by_hand(DOCUMENT, CODE, "note.made")
    faults = [c.name for c in Sealed.read(text).checks([key]) if c.fault]
    assert faults == ["content"]


def test_numbers_of_residents_are_known_by_their_digit_and_day():
    """The example of GB 11643, and its neighbours."""
    assert names_resident("11010519491231002X")
    assert names_resident("号码１１０１０５１９４９１２３１００２ｘ。")
    assert not names_resident("110105194912310021")
    assert not names_resident("11010519491331002X")
    assert not names_resident("111010519491231002X")
    assert not names_resident(CODE)
