"""Every code has its words in both languages, and no words lie about without a use."""

import re
import string
import tomllib
from collections import Counter

import pytest

from liandong.console.forms import helps, said
from liandong.step.registry import VERBS, step, steps
from liandong.texts import LANGUAGES, catalogue
from support.source import MODULES, SRC

CODES = sorted(catalogue())
TEXTS = SRC / "liandong" / "texts"


@pytest.mark.parametrize("code", CODES)
def test_both_languages_say_the_same(code: str) -> None:
    entry = catalogue()[code]
    assert set(entry) == set(LANGUAGES)
    assert all(t.strip() for t in entry.values())
    fields = [{f for _, f, _, _ in string.Formatter().parse(t) if f} for t in entry.values()]
    assert fields[0] == fields[1]
    assert re.search(r"[\u4e00-\u9fff]", "".join(entry.values())) or entry["zh"] == entry["en"]


def _names(group: str) -> set[str]:
    return {c.partition(".")[2] for c in CODES if c.startswith(f"{group}.")}


def test_no_code_is_told_twice() -> None:
    told = Counter(
        f"{group}.{name}"
        for path in TEXTS.glob("*.toml")
        for group, entries in tomllib.loads(path.read_text("utf-8")).items()
        for name in entries
    )
    assert not [code for code, times in told.items() if times > 1]


def test_every_check_has_a_remedy() -> None:
    assert _names("check") == _names("remedy")


def _reasons_in_source() -> set[str]:
    """Return the codes that verbs write as text, with dots as in the catalogue."""
    families = {r.split("_")[0] for r in _names("reason")} | set(VERBS) | {"score"}
    code = re.compile(rf"^(({'|'.join(families)})(\.[a-z0-9_]+)+)(\(|$)")
    texts = (s for m in MODULES.values() if m.package in VERBS for s in m.strings())
    return {hit[1].replace(".", "_") for s in texts if (hit := code.match(s))}


def test_every_reason_has_words() -> None:
    names_of_steps = {name.replace(".", "_") for name in steps()}
    assert not _reasons_in_source() - _names("reason") - names_of_steps


def test_no_words_without_a_reason() -> None:
    assert not _names("reason") - _reasons_in_source()


def test_what_the_values_of_the_loop_are_for_is_said_in_chinese_too() -> None:
    def told(names: set[str]) -> set[str]:
        rules = (step(n).rule for n in names)
        return {h for r in rules for n, h in helps(r).items() if n in r.model_fields and h}

    loop = (SRC / "liandong" / "loop.py").read_text("utf-8")
    ours = {n for n in steps() if re.search(rf"\b{re.escape(n)}\b", loop)}
    assert len(ours) > 80
    assert told(ours) <= said().keys() <= told({*steps()})
