"""The project's own source, parsed: what the tidy tests read."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
_MADE = {"build", "dist", "demo", "node_modules", "site", "__pycache__"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One Python file of the package, by its dotted name."""

    name: str
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @property
    def package(self) -> str:
        """The part below ``liandong``; empty for ``liandong`` itself."""
        return self.name.split(".")[1] if "." in self.name else ""

    @cached_property
    def functions(self) -> list[Function]:
        return [n for n in self.nodes if isinstance(n, Function)]

    def imports(self) -> Iterator[str]:
        """Yield what is imported, anywhere in the file, as dotted names of modules and members."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from (a.name for a in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{a.name}" for a in node.names)

    def strings(self) -> Iterator[str]:
        """Yield every text constant; of an f-string the parts that are constant."""
        for node in self.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _module(path: Path) -> Module:
    parts = path.relative_to(SRC).with_suffix("").parts
    return Module(".".join(parts).removesuffix(".__init__"), path)


MODULES = {m.name: m for m in map(_module, sorted(SRC.rglob("*.py")))}
_SCRIPTS = [*(ROOT / "tools").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")]
SOURCES = [*MODULES.values(), *(Module(p.stem, p) for p in _SCRIPTS)]
"""The package and what uses it beside the tests."""


def home(imported: str) -> str:
    """Return the module that ``liandong.x.y`` names, be it one itself or a member of one."""
    while imported not in MODULES:
        imported = imported.rpartition(".")[0]
    return imported


def lines(function: Function) -> int:
    """Count the lines of a function without its docstring."""
    first = function.body[0]
    doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    spent = first.end_lineno - first.lineno + 1 if doc else 0
    return function.end_lineno - function.lineno + 1 - spent


def files(*suffixes: str) -> list[Path]:
    """Return the project's own files, those with one of the suffixes if any are given."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [f for f in folders if f == ".ci" or not (f in _MADE or f.startswith("."))]
        found += [Path(folder, n) for n in names if n.endswith(suffixes or "")]
    return sorted(p for p in found if not any(x.endswith(".board") for x in p.parts))
