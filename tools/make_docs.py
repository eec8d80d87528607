"""Write ``docs/reference`` from the code; check every link between the project's documents.

``--check`` writes nothing, and ends with an error if a page is not what the code says.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomli_w
from typer.testing import CliRunner

from liandong import errors
from liandong.cli.main import app
from liandong.config import Settings
from liandong.errors import LiandongError
from liandong.load import SOURCES
from liandong.schema.dictionary import markdown
from liandong.schema.sql import ddl
from liandong.step import Rule, Step
from liandong.step.registry import steps

ROOT = Path(__file__).parents[1]
BELOW = "below"
MADE = "Made from the code by `make docs`; do not edit by hand."


def table(heads: str, rows: list[list[str]]) -> str:
    """Return a Markdown table; ``heads`` are separated by bars."""
    cells = [[c.replace("|", "\\|").replace("\n", " ") for c in r] for r in rows]
    lines = [f"| {heads} |", "|---" * (heads.count("|") + 1) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(r)} |" for r in cells)])


def errors_page() -> str:
    """List every class of the tree, with what programs and people see of it."""
    rows = [
        [f"`{k.__name__}`", f"`{k.code}`", str(k.http_status), str(k.exit_code), k.en, k.zh]
        for k in tree(LiandongError)
    ]
    return "\n".join(
        [
            *("# Errors", "", MADE, ""),
            "Commands end with the exit code; `--json` adds `error` (the code) and `message`.",
            "Errors in *data* are not here: they are rows of [`load_error`](data-dictionary.md).",
            *("", "```text", picture(), "```", ""),
            table("class | code | HTTP | exit | English | 中文", rows),
            "",
        ]
    )


def tree(kind: type[LiandongError]) -> Iterator[type[LiandongError]]:
    """Yield a class and those below it, in the order they are written."""
    yield kind
    for below in kind.__subclasses__():
        yield from tree(below)


def picture() -> str:
    """Return the drawing of the tree."""
    return (errors.__doc__ or "").split("\n\n", 1)[1].strip()


def cli_page() -> str:
    """Show the help of every command, and the settings."""
    names = [c.name or getattr(c.callback, "__name__", "") for c in app.registered_commands]
    parts = ["# Command line", "", MADE, "", *section("liandong", [])]
    for name in names:
        parts += section(f"liandong {name}", [name])
    parts += ["## Environment", "", "Arguments win over these.", ""]
    rows = [[f"`LIANDONG_{n.upper()}`", about] for n, about in attributes(Settings).items()]
    return "\n".join([*parts, table("variable | meaning", rows), ""])


def section(title: str, words: list[str]) -> list[str]:
    """Return one command's help as a section."""
    shown = CliRunner().invoke(app, [*words, "--help"], prog_name="liandong", terminal_width=96)
    text = "\n".join(line.rstrip() for line in shown.output.strip().splitlines())
    return [f"## {title}", "", "```text", text, "```", ""]


def attributes(kind: type) -> dict[str, str]:
    """Return what a class's docstring says of its attributes, by name."""
    text = inspect.cleandoc(kind.__doc__ or "").partition("Attributes\n----------\n")[2]
    found: dict[str, str] = {}
    names: list[str] = []
    for line in text.split("\n\n")[0].splitlines():
        if line.startswith(" "):
            found |= {n: f"{found.get(n, '')} {line.strip()}".strip() for n in names}
        else:
            names = [n.strip() for n in line.split(",")]
    return found


def steps_page() -> str:
    """List every step: what it reads and writes, its rule, and its own words."""
    parts = ["# Steps", "", MADE, ""]
    parts += [
        "Run one with `liandong run NAME KEY=VALUE …`, or call it with Arrow tables. Every rule",
        "takes `valid_from` and `valid_to` besides, dates that say when it holds.",
        "",
    ]
    for one in sorted(steps().values(), key=lambda s: s.name):
        parts += step_section(one)
    return "\n".join(parts)


def step_section(one: Step) -> list[str]:
    """Return one step as a section."""
    facts = [
        ["kind", f"`{one.kind}`" + (f" by `{one.by}`" if one.by else "")],
        ["reads", codes(one.reads)],
        ["writes", codes(one.writes)],
        ["a current result for each", codes(one.part)],
        ["needs an approval of", codes(one.approval)],
    ]
    return [
        *(f"## {one.name}", "", "```text", inspect.cleandoc(one.doc), "```", ""),
        table("fact | value", [f for f in facts if f[1]]),
        *("", rule_table(one.rule), ""),
    ]


def codes(names: tuple[str, ...]) -> str:
    """Return names as code."""
    return ", ".join(f"`{n}`" for n in names)


def rule_table(rule: type[Rule]) -> str:
    """Return the fields of a rule: name, type, default, meaning; long defaults below as TOML."""
    about = {n: a for k in reversed(rule.__mro__) for n, a in attributes(k).items()}
    own = {n: f for n, f in rule.model_fields.items() if n not in Rule.model_fields}
    long = [n for n, f in own.items() if default(f) == BELOW]
    rows = [
        [f"`{n}`", f"`{plain(f.annotation)}`", default(f), about.get(n, "")] for n, f in own.items()
    ]
    if not rows:
        return "It takes nothing."
    values = rule.model_construct(**{n: None for n, f in own.items() if f.is_required()}).plain()
    toml = tomli_w.dumps({n: values[n] for n in long}).strip()
    shown = f"\n\n```toml\n{toml}\n```" if long else ""
    return table("rule field | type | default | meaning", rows) + shown


def plain(annotation: Any) -> str:  # noqa: ANN401 - an annotation may be anything
    """Return an annotation without the modules of its names."""
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return re.sub(r"\b(\w+\.)+", "", text)


def default(field: Any) -> str:  # noqa: ANN401 - pydantic's FieldInfo
    """Return the default of a field as code; empty if it has none."""
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    text = str(value) if not isinstance(value, str) else repr(value)
    return f"`{text}`" if len(text) <= 60 else BELOW


def sources_page() -> str:
    """List every source that can be loaded by name."""
    rows = [[f"`{name}`", about.en, about.zh] for name, about in SOURCES.items()]
    return "\n".join(
        [
            *("# Sources", "", MADE, ""),
            "`liandong load NAME PATH`. The name of any lake table is a source as well: a file of",
            "one's own, see [Load your own data](../recipes/load-your-own-data.md).",
            *("", table("name | English | 中文", rows), ""),
        ]
    )


def books_page() -> str:
    """Show the tables of the books as PostgreSQL makes them."""
    text = re.sub(r"\s*\n", "\n", ddl("postgresql").strip()).replace("\n)\n", "\n);\n\n")
    return "\n".join(
        [
            *("# SQL of the books", "", MADE, ""),
            "What `liandong init` makes in PostgreSQL; SQLite has the same tables.",
            *("", "```sql", f"{text};", "```", ""),
        ]
    )


PAGES = {
    "data-dictionary.md": markdown,
    "books.md": books_page,
    "cli.md": cli_page,
    "errors.md": errors_page,
    "sources.md": sources_page,
    "steps.md": steps_page,
}

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def broken_links() -> list[str]:
    """Return links of the project's documents that lead to no file or no heading."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return [
        f"{page.relative_to(ROOT)}: {link}"
        for page in sorted(pages)
        for link in LINK.findall(page.read_text("utf-8"))
        if "://" not in link and not leads_somewhere(page, link)
    ]


def leads_somewhere(page: Path, link: str) -> bool:
    """Tell whether a relative link finds its file, and its heading if it names one."""
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target.read_text("utf-8"))


def anchors(text: str) -> set[str]:
    """Return the anchors that forges give the headings of a page."""
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


def main(*, check: bool) -> int:
    """Write or compare the pages, then look at the links; return the exit code."""
    folder = ROOT / "docs" / "reference"
    pages = {folder / name: make() for name, make in PAGES.items()}
    old = [p for p, text in pages.items() if not p.exists() or p.read_text("utf-8") != text]
    if check:
        faults = [f"{p.relative_to(ROOT)} is out of date: make docs" for p in old]
    else:
        folder.mkdir(parents=True, exist_ok=True)
        faults = []
        for path in old:
            path.write_text(pages[path], "utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    faults += [f"broken link in {b}" for b in broken_links()]
    for fault in faults:
        print(fault, file=sys.stderr)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
