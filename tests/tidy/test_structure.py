"""The frame holds: who may import whom, how long things are, and that nothing is left unused.

What a linter can tell (no print, no clock without a zone, documented public names) ruff tells.
"""

import ast
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from liandong import load
from liandong.step import Rule, Step
from liandong.step.registry import VERBS
from support.source import MODULES, ROOT, SOURCES, SRC, Module, files, home, lines

BASE = {"caller", "errors", "spans", "types", "texts"}
STEP = BASE | {"schema", "step"}
BOARD = STEP | {"board", "config", "engine", "govern", "load", "store", "view"}
MAY_IMPORT = {
    **{name: set() for name in ("caller", "errors", "kept", "texts", "kernels")},
    "types": {"errors", "texts"},
    "spans": {"errors"},
    "config": {"errors", "texts"},
    "schema": BASE,
    "step": BASE | {"schema"},
    **{verb: STEP | {"kernels"} for verb in VERBS},
    "engine": STEP,
    "world": STEP | {"kernels"},
    "load": STEP | {"world"},
    # the bytes of the act log are govern's; who posts judges between reading and writing
    "store": STEP | {"govern", "kernels"},
    "view": STEP | {"store"},
    "board": BOARD,
    "delivery": BOARD | {"watch"},  # the one verb that runs by itself
    "loop": BOARD | {*VERBS},
    "screen": STEP | {"assess"},
    "testing": BOARD | {"settle", "watch"},
    "console": BOARD,
    "service": BOARD | {"console", "delivery", "loop"},  # a job may be the whole loop
    "client": BASE,
    "cli": BOARD
    | {*VERBS, "console", "delivery", "loop", "screen", "service", "world"},  # papers are pages
    "": BOARD | {*VERBS, "client", "kept"},  # the lazy public names
}

ENTRIES = {
    "liandong.cli.main",  # the command
    "liandong.cli.__main__",  # python -m liandong.cli
    "liandong.testing",  # for users
    *(f"liandong.{verb}" for verb in VERBS),  # found by the registry
    *(f"liandong.load.{source}" for source in (*load.SOURCES, "file", "sql")),  # found by name
}


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_imports_go_one_way(module: Module) -> None:
    may = MAY_IMPORT[module.package] | {module.package, ""}
    ours = [i for i in module.imports() if i.split(".")[0] == "liandong"]
    wrong = [i for i in ours if MODULES[home(i)].package not in may]
    assert not wrong, f"{module.name} must not import {wrong}"


def test_only_the_store_touches_sql() -> None:
    allowed = {"store", "schema"}  # the schema says how a table is written in SQL
    own = MODULES["liandong.load.sql"]  # a query of a user's own database
    users = {
        m.package for m in MODULES.values() if m != own and {"sqlalchemy", "duckdb"} & _outside(m)
    }
    assert users <= allowed, users - allowed


def test_kernels_know_numpy_and_numba_alone() -> None:
    standard = {"collections", "concurrent", "math", "typing"}
    for m in MODULES.values():
        if m.package == "kernels":
            assert _outside(m) <= {"numpy", "numba", "liandong"} | standard, m.name


def test_no_data_frames() -> None:
    for m in MODULES.values():
        assert not {"pandas", "polars", "ibis"} & _outside(m), m.name


def _outside(module: Module) -> set[str]:
    return {i.split(".")[0] for i in module.imports()}


@pytest.mark.parametrize("path", files(".py"), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_short(path) -> None:
    limit = 600 if path.is_relative_to(SRC / "liandong" / "kernels") else 400
    assert len(path.read_text("utf-8").splitlines()) <= limit


def test_functions_are_short() -> None:
    found = {f"{m.name}.{f.name}": lines(f) for m in MODULES.values() for f in m.functions}
    assert statistics.median(found.values()) <= 10
    long = {name: n for name, n in found.items() if n > 45}
    assert len(long) <= 0.05 * len(found), long


def test_no_dead_modules() -> None:
    imported = {i for m in SOURCES for i in m.imports() if i.startswith("liandong.")}
    used = {home(i) for i in imported} | {n.rpartition(".")[0] for n in MODULES}
    found = {n for n in MODULES if n.startswith("liandong.store.migrations")}  # by Alembic
    assert MODULES.keys() - used - found <= ENTRIES


def test_no_dead_functions_or_classes() -> None:
    templates = files(".html")
    texts = [m.text for m in SOURCES] + [p.read_text("utf-8") for p in templates]
    words = Counter(w for text in texts for w in re.findall(r"\w+", text))
    dead = [f"{m.name}.{n.name}" for m in MODULES.values() for n in _named(m) if words[n.name] < 2]
    assert not dead


def _named(module: Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Yield what a module defines, but for what others call by protocol or by decorator."""
    if "migrations" in module.name:
        return
    for node in module.tree.body:
        named = isinstance(node, ast.FunctionDef | ast.ClassDef)
        if named and not node.decorator_list and not node.name.startswith("__"):
            yield node


@pytest.mark.parametrize("verb", VERBS)
def test_verbs_list_all_their_steps_and_rules(verb: str) -> None:
    import liandong

    package = getattr(liandong, verb)
    inside = {
        name: value
        for m in MODULES.values()
        if m.package == verb
        for name, value in vars(__import__(m.name, fromlist=["_"])).items()
        if isinstance(value, Step)
        or (isinstance(value, type) and issubclass(value, Rule) and value.__module__ == m.name)
    }
    assert sorted(package.__all__) == list(package.__all__)
    assert all(hasattr(package, name) for name in package.__all__)
    missing = {n for n in inside if not n.startswith("_")} - set(package.__all__)
    assert not missing


def test_nothing_is_left_for_later() -> None:
    marks = ["".join(m) for m in (("TO", "DO"), ("FIX", "ME"), ("X", "XX"), ("HA", "CK"))]
    word = re.compile(rf"\b({'|'.join(marks)}|NotImplemented(Error)?)\b")
    here = {p: word.search(p.read_text("utf-8")) for p in files(".py", ".md", ".toml", ".html")}
    assert not [str(p) for p, hit in here.items() if hit and p != Path(__file__)]


MONEY = {"amount", "budget", "fen", "need", "net", "principal", "repaid", "tax", "yuan"}


def test_money_is_never_float() -> None:
    # A world draws sizes from continuous distributions; they become money when it rounds them.
    wrong = [
        f"{m.name}: {name}: {kind}"
        for m in MODULES.values()
        if m.package != "world"
        for name, kind in _annotated(m)
        if name.split("_")[-1] in MONEY and "float" in kind.lower()
    ]
    assert not wrong


def _annotated(module: Module) -> Iterator[tuple[str, str]]:
    """Yield every annotated argument, field and variable with its annotation."""
    for node in module.nodes:
        if isinstance(node, ast.arg) and node.annotation:
            yield node.arg, ast.unparse(node.annotation)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, ast.unparse(node.annotation)
