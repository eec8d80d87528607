"""Boards that issue credentials: each with the key of its log, and a witness of all."""

import json
from base64 import b64encode
from datetime import date, datetime

import liandong as ld
from liandong.govern.credentials import Qualification, Sealed
from liandong.govern.log.notes import WITNESS, Signer
from liandong.schema.arrow import build
from liandong.store.witness import Witness, request
from liandong.types import CHINA

CODE, OTHER = "91350100M000100Y43", "91330100799655058B"
NOW = datetime(2026, 11, 28, 12, tzinfo=CHINA)
AUDITOR = Signer.new("auditor.example", WITNESS)


def what(kind="high_tech", code=CODE, since=date(2026, 1, 1), until=date(2028, 12, 31), **claims):
    return Qualification(code, kind, claims or {"grade": "A"}, since, until)


class Region:
    """A board, the key of its log, and a witness that signs what goes on from what it saw."""

    def __init__(self, folder, name, actor="li", signer=None, location=None, lake=None):
        self.signer = signer or Signer.new(f"{name}.example/acts")
        self.board = ld.open(location or folder / f"{name}.board", actor=actor, lake=lake)
        self.witness = Witness(folder / "seen", AUDITOR, [self.signer.key])
        self.board.log.seal(self.signer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.board.close()

    @property
    def key(self):
        return self.signer.key

    def seal(self):
        """Seal the log and have the witness sign; return his status."""
        files = self.board.log.files
        note, since = self.board.log.seal(self.signer), self.witness.last(self.signer.name).size
        if since >= files.checkpoint().size:
            return 200
        proof = [b64encode(h).decode() for h in files.consistency(since)]
        answer = self.witness.add(request(since, proof, note))
        if answer.status == 200:
            files.cosign([answer.body])
        return answer.status

    def file(self, number):
        """Return the file of what was issued, sealed and witnessed."""
        self.seal()
        return self.board.credentials.file(number)

    def listed(self):
        """Return the file of what is revoked now."""
        return self.file(self.board.credentials.status())


def recognise(board, region, kind="high_tech", own="own_high_tech", name="West"):
    """Have a board recognise an issuer for a kind."""
    row = {"vkey": str(region.key), "kind": kind, "name": name, "own_kind": own}
    made = build("credential_issuer", {n: [v] for n, v in row.items()})
    board.put(f"issuer@{region.key}/{kind}", {"credential_issuer": made})


def firm(board, code=CODE, party="F1", kind="firm"):
    row = {"party_id": party, "kind": kind, "credit_code": code, "region_id": "350100"}
    board.put(f"party@{party}", {"party": build("party", {n: [v] for n, v in row.items()})})


def forged(text, change, salt=None):
    """Return a file in which something was changed, written as files are."""
    sealed = Sealed.read(text)
    document = json.loads(json.dumps(sealed.document))
    change(document)
    return str(Sealed(document, salt or sealed.salt, sealed.entry, sealed.proof))
