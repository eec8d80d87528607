"""Folders that others write to are walked to their end."""

import os

import pytest

from liandong.store.walking import below


@pytest.fixture
def root(tmp_path):
    for name in ("a/1", "a/b/2", ".writing-c/3"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_a_folder_comes_before_what_is_in_it(root) -> None:
    found = [path.relative_to(root).as_posix() for path in below(root)]
    assert sorted(found) == [".writing-c", ".writing-c/3", "a", "a/1", "a/b", "a/b/2"]
    assert found.index("a") < found.index("a/1") < found.index("a/b/2")
    assert found.index(".writing-c") < found.index(".writing-c/3")


def test_what_goes_away_meanwhile_is_left_out(root) -> None:
    found = []
    for path in below(root):
        if path.name == ".writing-c":
            path.rename(root.with_name("written"))
        found.append(path.name)
    assert sorted(found) == [".writing-c", "1", "2", "a", "b"]
    assert list(below(root / "none")) == []


def test_where_one_may_not_look_is_said(root, monkeypatch) -> None:
    keep = os.scandir

    def scandir(path):
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied", str(path))
        return keep(path)

    monkeypatch.setattr(os, "scandir", scandir)  # the user of the tests may look everywhere
    with pytest.raises(PermissionError):
        list(below(root))
