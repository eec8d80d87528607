"""The sealed log over HTTP: what an outsider fetches, and nothing beside it."""

import httpx
import pytest

import liandong as ld
from liandong.govern.log.checkpoints import Checkpoint, Proof
from liandong.govern.log.notes import Note, Signer
from liandong.govern.log.tiles import cut, unpacked
from liandong.govern.log.tree import head, leaf, over
from support.site import serving


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    signer = Signer.new("bank.example/acts")
    with ld.open(folder / "b.board", actor="li") as board:
        board.load("world", firms=100, months=12)
        board.log.seal(signer)
    with serving(str(folder / "b.board")) as url, httpx.Client(base_url=url) as client:
        yield client, signer.key


def test_an_outsider_makes_the_head_from_the_files(sealed):
    client, key = sealed
    note = Note.read(client.get("/log/checkpoint").text)
    assert note.signed_by([key]) == [key]
    found = Checkpoint.read(note.text)
    entries = unpacked(client.get(f"/log/tile/entries/000.p/{found.size}").content)
    leaves = [leaf(e) for e in entries]
    assert cut(client.get(f"/log/tile/0/000.p/{found.size}").content) == leaves
    assert head(found.size, over(leaves)) == found.top
    proof = Proof.read(client.get("/log/proof/1").text)
    assert proof.proves(client.get("/log/entry/1").content, [key]) == found


def test_nothing_else_is_served(sealed):
    client, _ = sealed
    for path in (
        "waiting-1", "tile/../writer.lock", "tile/..%2Fwriter.lock", "tile/0/000", "tile/0/x",
        "tile/0/%2e%2e/%2e%2e/checkpoint", "proof/99999", "entry/0",
    ):  # fmt: skip
        assert client.get(f"/log/{path}").status_code == 404, path


def test_pages_lead_to_checkpoint_and_proof(sealed):
    client, _ = sealed
    page = client.get("/acts", headers={"accept": "text/html"}).text
    assert "/log/checkpoint" in page
    assert "bank.example/acts" in page
    row = client.get("/table/act/row?seq=1", headers={"accept": "text/html"}).text
    assert "/log/proof/1" in row
    assert "/log/entry/1" in row
