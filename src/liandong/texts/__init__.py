"""One catalogue of texts in Chinese and English, keyed by code."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES = ("zh", "en")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return all texts: code → language → template; codes are ``group.name``."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(files(__package__).iterdir(), key=lambda p: p.name):
        if not path.name.endswith(".toml"):
            continue
        for group, entries in tomllib.loads(path.read_text("utf-8")).items():
            found.update({f"{group}.{name}": texts for name, texts in entries.items()})
    return found


def text(code: str, lang: str, **params: object) -> str:
    """Return the text of ``code`` in ``lang`` with its parameters filled in.

    Raises
    ------
    KeyError
        If the code or the language is not in the catalogue: a defect that the tests look for.
    """
    return catalogue()[code][lang].format(**params)


def deed(action: str) -> dict[str, str]:
    """Return what an action of the list of powers is in words, with its code; else the code.

    Examples
    --------
    >>> deed("propose.agreement")
    {'zh': '提议：协议（propose.agreement）', 'en': 'propose: agreement (propose.agreement)'}
    >>> deed("settle.disburse")["en"]
    'settle.disburse'
    """
    how, _, what = action.partition(".")
    if how in {"propose", "decide"} and what:
        name = catalogue().get(f"act.{what.replace('.', '_')}") or dict.fromkeys(LANGUAGES, what)
        said = both(f"deed.{how}", what=name)
    elif f"deed.{action.replace('.', '_')}" in catalogue():
        said = both(f"deed.{action.replace('.', '_')}")
    else:
        return dict.fromkeys(LANGUAGES, action)
    return {"zh": f"{said['zh']}（{action}）", "en": f"{said['en']} ({action})"}


def deeds(params: Mapping[str, object]) -> dict[str, object]:
    """Return the action among the values of an error in words, for its text; else nothing."""
    action = params.get("action")
    return {"action": deed(action)} if isinstance(action, str) else {}


def both(code: str, **params: object) -> dict[str, str]:
    """Return the text of ``code`` in all languages; a parameter may be such a dict itself.

    Examples
    --------
    >>> both("advice.known", known="a, b")
    {'zh': '现有：a, b', 'en': 'Known: a, b.'}
    """
    return {
        lang: text(
            code, lang, **{k: p[lang] if isinstance(p, dict) else p for k, p in params.items()}
        )
        for lang in LANGUAGES
    }


def unread(error: Exception) -> dict[str, str]:
    """Return where JSON or TOML could not be read; the English words are those of the parser.

    Examples
    --------
    >>> unread(ValueError("Expected '=' (at line 2, column 3)"))["zh"]
    '第 2 行第 3 列读不通'
    """
    at = re.search(r"line (\d+),? column (\d+)", str(error))
    said = text("fault.unread_at", "zh", line=at[1], column=at[2]) if at else str(error)
    return {"zh": said, "en": str(error)}
