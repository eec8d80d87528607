"""The documents say what the code says, their examples run, and their links lead somewhere."""

import re
import subprocess
import sys

import pytest
import yaml
from typer.main import get_command

from liandong.cli.main import app
from liandong.schema.tables import TABLES
from liandong.step.registry import steps
from liandong.texts import catalogue
from support.source import MODULES, ROOT

RECIPE = ROOT / "docs/recipes/write-a-step.md"
PAGES = {
    str(p.relative_to(ROOT)): p.read_text("utf-8")
    for p in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if p.parent.name != "reference"
}
DOCS = ROOT / "docs"
SITE = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
MOST_PICTURES = 3_000_000
"""Bytes of all pictures together: they stay in the history of the repository."""


def _listed(part: object) -> list[str]:
    """Return the pages that a part of the navigation names."""
    if isinstance(part, str):
        return [part]
    parts = part.values() if isinstance(part, dict) else part
    return [page for p in parts for page in _listed(p)]


def test_every_page_is_in_the_navigation_once() -> None:
    listed = _listed(SITE["nav"])
    assert len(listed) == len(set(listed))
    there = {p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md")}
    roots = {f"project/{p.name}" for p in ROOT.glob("*.md") if not p.name.startswith("README")}
    assert set(listed) == there | roots


def test_pictures_are_there_and_used_and_small() -> None:
    named = {
        ((ROOT / page).parent / name).resolve()
        for page, text in PAGES.items()
        for name in re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", text)
    }
    kept = {*(DOCS / "images").iterdir(), *(DOCS / "assets").glob("loop*")}
    assert named == kept
    assert sum(p.stat().st_size for p in kept) <= MOST_PICTURES


def test_a_page_in_two_languages_leads_to_the_other() -> None:
    chinese = list(DOCS.rglob("*.zh.md"))
    assert chinese
    for page in chinese:
        other = page.with_name(page.name.replace(".zh.md", ".md"))
        assert f"[English]({other.name})" in page.read_text("utf-8")
        assert f"[中文]({page.name})" in other.read_text("utf-8")


def _code(text: str) -> list[str]:
    """Return the lines of code of a page without comments and what is said in quotes."""
    blocks = "".join(re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    bare = (re.sub(r'"[^"]*"| --lang zh|\s*(#|//).*', "", line) for line in blocks.splitlines())
    return [line.strip() for line in bare if line.strip()]


@pytest.mark.parametrize("page", sorted(p for p in PAGES if re.match(r"docs/(?!days).*zh.md", p)))
def test_a_page_in_two_languages_has_the_same_code(page: str) -> None:
    assert _code(PAGES[page]) == _code(PAGES[page.replace(".zh.md", ".md")])


def test_the_site_fetches_nothing_from_elsewhere() -> None:
    assert SITE["theme"]["font"] is False
    assert SITE["strict"] is True
    own = [ROOT / "mkdocs.yml", *(DOCS / "assets").iterdir()]
    kept = "http://www.w3.org/2000/svg"  # the name of a language, not an address
    assert not [p for p in own if "//" in p.read_text("utf-8").replace(kept, "").replace("</", "")]


def test_reference_and_links_are_true() -> None:
    work = [sys.executable, str(ROOT / "tools" / "make_docs.py"), "--check"]
    done = subprocess.run(work, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_recipe_runs(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", RECIPE.read_text("utf-8"), re.DOTALL)
    exec(compile("\n".join(blocks), RECIPE.name, "exec"), {"__name__": "recipe"})  # noqa: S102 - our own page


@pytest.mark.parametrize("page", sorted(PAGES))
def test_commands_steps_and_tables_exist(page: str) -> None:
    blocks = "".join(re.findall(r"```sh\n(.*?)```", PAGES[page], re.DOTALL))
    lines = re.findall(r"^liandong (?:-\S+ \S+ )*(\w+) ?(\S*)", blocks, re.MULTILINE)
    inline = re.findall(r"`liandong (\w+) ?(\S*?)`", PAGES[page])
    commands = get_command(app).commands
    for command, word in [*lines, *inline]:
        assert command in commands
        if command in {"run", "propose"}:
            assert word in steps()
        if command in {"table", "why"} and word:
            assert word in TABLES


def test_commands_that_messages_name_exist() -> None:
    words = [s for m in MODULES.values() for s in m.strings()]
    words += [t for entry in catalogue().values() for t in entry.values()]
    named = {c for w in words for c in re.findall(r"`liandong (\w+)", w)}
    assert named
    assert not named - get_command(app).commands.keys()


def test_every_step_is_in_the_tutorial() -> None:
    tutorial = PAGES["docs/tutorial.md"]
    assert not [s for s in steps() if s not in tutorial and s != "trace.groups"]
