"""What errors say comes from the catalogue, in both languages, and nothing there lies unused."""

import ast
import re
from collections.abc import Iterator

import pytest

from liandong import errors
from liandong.texts import catalogue
from support.source import MODULES, Module

GROUPS = ("fault", "advice", "refusal", "kind", "action")
CODE = re.compile(rf"({'|'.join(GROUPS)})\.\w+")
CLASSES = {n for n, k in vars(errors).items() if isinstance(k, type)}
TEXTS = {"what", "remedy", "reason", "kind"}
WORDS = re.compile(r"[^\W\d_]+ +[^\W\d_]+")


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.Call))


def _said(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield what errors made in a piece of source say, through one assignment to a name."""
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for name in (n for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)):
                assigned.setdefault(name.id, []).append(node.value)
    for call in _calls(tree):
        if _name(call) in CLASSES:
            for value in (k.value for k in call.keywords if k.arg in TEXTS):
                yield from assigned.get(getattr(value, "id", ""), [value])


def _own_words(value: ast.expr) -> bool:
    """Tell whether an expression has words of its own: a text, an f-string, or several words."""
    if isinstance(value, ast.Constant):
        return True
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if WORDS.search(node.value):
                return True
        elif isinstance(node, ast.JoinedStr) and len(node.values) > 1:
            told = "".join(v.value for v in node.values if isinstance(v, ast.Constant))
            if re.search(r"[^\W\d_]", told) and told.rstrip("_") not in {f"{g}." for g in GROUPS}:
                return True
    return False


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_errors_say_what_the_catalogue_says(module: Module) -> None:
    wrong = [ast.unparse(v) for f in module.functions for v in _said(f) if _own_words(v)]
    assert not wrong


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("raise UsageError(what=both('fault.query', why=error), remedy=both('advice.query'))", 0),
        ("what = both('fault.query')\nraise errors.UsageError(what=what, remedy=remedy)", 0),
        ("raise NotFoundError(kind='table', name=name, remedy=both('advice.query'))", 1),
        ("raise UsageError(what='it is wrong', remedy=f'Known: {names}')", 2),
        ("what = f'{name} is wrong'\nraise UsageError(what=what, remedy=both('advice.query'))", 1),
        ("raise UsageError(what=both('fault.query', why='no such thing'))", 1),
    ],
)
def test_words_of_ones_own_are_found(source: str, wrong: int) -> None:
    assert sum(map(_own_words, _said(ast.parse(source)))) == wrong


def _used() -> set[str]:
    """Return the codes in the source; those of unusable files name a fault and its advice."""
    found = {s for m in MODULES.values() for s in m.strings() if CODE.fullmatch(s)}
    # Which argument names the fault.
    where = {"unusable": 1, "unfit": 0, "doubt": 1}
    calls = (c for m in MODULES.values() for c in _calls(m.tree) if _name(c) in where)
    for call in (c for c in calls if len(c.args) > where[_name(c)]):
        code = ast.literal_eval(call.args[where[_name(call)]])
        found |= {f"fault.{code}", f"advice.{code}"}
    checked = (c for n in DOCTORS for c in _calls(MODULES[n].tree) if _name(c) == "Finding")
    return found | {f"advice.{ast.literal_eval(call.args[0])}" for call in checked}


DOCTORS = ("liandong.cli.machine", "liandong.store.checkup")
"""Modules whose findings name their advice."""


def test_every_code_has_words_and_all_words_are_used() -> None:
    assert _used() == {c for c in catalogue() if CODE.fullmatch(c)}


@pytest.mark.parametrize("code", [c for c in catalogue() if CODE.fullmatch(c)])
def test_chinese_is_chinese_and_english_is_english(code: str) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert chinese.search(catalogue()[code]["zh"])
    assert not chinese.search(catalogue()[code]["en"])
    assert not re.search(r"(\b[A-Za-z]+ ){3}", re.sub(r"`.*?`", "", catalogue()[code]["zh"]))
