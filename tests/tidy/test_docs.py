"""The documents say what the code says, their examples run, and their links lead somewhere."""

import re
import subprocess
import sys

import pytest
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
