"""Pages speak the language that is asked for, and no page shows its own markup."""

import re

import pytest

from support.addresses import texts
from support.reading import texts_of
from support.site import Site

MARKUP = re.compile(r"&lt;/?(span|a|data|small|code|b|li|ul)\b(?! ?&gt;.{0,40}(DROP|alert))")
ENGLISH = re.compile(r"[a-z]{3,}|[a-z]+[_.][a-z]+")
QUOTED = frozenset({"code", "pre", "a", "script", "style", "title", "textarea", "datalist"})
"""Elements with what is typed, what is a name, or what is not read."""
CELLS = frozenset({"td", "th", "li", "dd", "dt", "figcaption", "text"})
