"""Templates are compiled once on a machine, where that can be kept."""

import sys

import pytest
from jinja2 import Environment

from liandong.console.render import environment


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Where Python would keep what it compiles; no template has been asked for."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "kept"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    environment.cache_clear()
    yield tmp_path / "kept"
    environment.cache_clear()


def compiled() -> int:
    """Ask for a template in a new environment; return how many had to be compiled."""
    environment.cache_clear()
    made = []
    compiling = Environment.compile
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", lambda *a: made.append(a) or compiling(*a))
        environment().get_template("error.html")
    return len(made)


def test_a_template_is_compiled_once(kept) -> None:
    assert compiled() == 1
    assert compiled() == 0
    (file,) = kept.rglob("*.jinja-*")
    file.write_bytes(b"")  # as a power cut may leave it
    assert compiled() == 1
    assert compiled() == 0


def test_a_place_that_keeps_nothing_does_no_harm(kept, monkeypatch) -> None:
    kept.write_text("a file where a folder should be")
    assert compiled() == compiled() == 1
    kept.unlink()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert compiled() == compiled() == 1
    assert not kept.exists()
