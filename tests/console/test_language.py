"""Pages speak the language that is asked for, and no page shows its own markup."""

import re

import pytest

from liandong.console.wording import lacking
from liandong.step.registry import steps
from support.addresses import texts
from support.reading import texts_of
from support.site import Site

MARKUP = re.compile(r"&lt;/?(span|a|data|small|code|abbr|time)\b")
RAW = re.compile(
    r"[a-z]+_[a-z0-9_]+|[a-z]{2,}(\.[a-z0-9_]{2,})+|^[a-z]{2,}([ ,/;:]+[a-z]{2,})*$|\bNone\b"
)
"""What programs call something, and texts that are English words alone."""
_WORD = re.compile(r"[\w.]*[a-z][\w.]*")
QUOTED = frozenset({"code", "pre", "a", "script", "style", "title", "textarea", "datalist"})
"""Elements with what is typed, what is a name, or what is not read."""
HEADS = frozenset({"h1", "h2", "h3", "figcaption", "summary", "label", "small"})
"""Elements that call something by its own name, or by its key beside the words."""
NAMES = frozenset({
    *("ann", "bob", "root", "li", "wang", "zhao", "maker", "checker", "demo"),  # people
    *("role", "board", "queue", "red", "usual"),  # posts and offices, as a list of powers has them
    *("park", "river", "quota", "fund", "gdp", "tax", "swap", "joint_park", "credit", "cover",
      "interest", "reward", "penalty"),  # agreements
    *("home", "host", "giver", "user", "above", "below", "province"),  # their parties
    *("tax.vat.local", "tax.cit.local", "gdp.park", "river.fund", "river.met", "river.missed",
      "loan.loss", "loan.lent", "loan.principal", "loan.rate"),  # their bases
    *("hand", "alert", "events", "innovation", "spent", "reviewed", "world", "demonstration",
      "first", "bank", "of", "the", "reviews"),  # what was put on the board
    *("small", "falling", "hand.made"),  # rules of watching
    *("fund.pay", "fund.ask", "fund.stop", "contract", "risk"),  # what powers are about
    *("borrowers", "lent", "tech", "high_tech"),  # what was shared, and whose word counts
    *("liandong", "personal.read", "load.put", "load.world"),  # what is typed
})  # fmt: skip
"""Names that somebody gave: they are the same in all languages."""


def raw(page: str) -> set[str]:
    """Return the texts of a page in Chinese that tell a value as programs have it."""
    told = {
        words for around, words in texts_of(page)
        if "main" in around and not QUOTED & {*around} and not HEADS & {*around}
    }  # fmt: skip
    own = NAMES | steps().keys()
    bare = {w: _WORD.sub(lambda m: "" if m[0] in own else m[0], w) for w in told}
    return {w for w, rest in bare.items() if RAW.search(rest.strip(" ,/;:@()"))}


def test_values_have_words_in_chinese(site: Site) -> None:
    found = {path: raw(page) for path, page in texts(site, "zh").items()}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_shows_its_markup(site: Site, lang: str) -> None:
    found = {path: MARKUP.search(page) for path, page in texts(site, lang).items()}
    assert {path: m[0] for path, m in found.items() if m} == {}


def test_refusals_have_words() -> None:
    assert lacking("power_not_held", "zh") == "现在没有这项权力"
    assert lacking("scope", "en") == "beyond the scope of the token"
    assert lacking("V1 (limit), V2 (approvals: 1)", "zh") == "V1 (单笔限额), V2 (会签: 1)"
