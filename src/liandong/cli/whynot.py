"""Why a project may not have a product, or may; and what would have to change."""

from typing import TYPE_CHECKING, Annotated

import typer

from liandong.cli import show
from liandong.cli.do import Json, pairs
from liandong.cli.show import say
from liandong.errors import DataError, UsageError
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.board import Board
    from liandong.match import QuoteRule, Why


def whynot(
    keys: Annotated[list[str], typer.Argument(help="project=ID and, if wanted, product=ID.")],
    as_json: Json = False,
) -> None:
    """Say why a project may not have a product; without one, which product is nearest.

    The rule is that of the latest quotes of the board.
    """
    from liandong.match import Screening
    from liandong.match.eligibility.screening import READS

    asked = pairs(keys)
    if "project" not in asked or asked.keys() - {"project", "product"}:
        what = both("fault.whynot_keys", keys=" ".join(keys))
        raise UsageError(what=what, remedy=both("advice.whynot_keys"))
    with show.board() as board:
        rule = _latest(board)
        tables = {name: board.table(name).arrow() for name in READS}
    screening = Screening(tables, rule)
    nearest, changes = screening.nearest(str(asked["project"]))
    product = str(asked.get("product", nearest))
    reasons = screening.why_not(str(asked["project"]), product)
    found = {"project": asked["project"], "product": product, "as_of": rule.as_of,
             "eligible": not reasons, "reasons": [_told(r) for r in reasons],
             "nearest": nearest, "changes": [_told(r) for r in changes]}  # fmt: skip
    show.as_json(found) if as_json else _say(found)


def _latest(board: "Board") -> "QuoteRule":
    """Return the rule of the latest quotes; DataError if there are none."""
    from liandong.match import QuoteRule

    made = [r for r in board.runs() if r.step == "match.quote" and r.status == "done"]
    if not made:
        remedy = both("advice.run_first", step="match.quote")
        raise DataError(file="quote", what=both("fault.none"), remedy=remedy)
    return QuoteRule.from_toml(board.table("rule").rows(rule_id=made[-1].rule_id)[0]["toml"])


def _told(reason: "Why") -> dict[str, object]:
    from liandong.step.reasons import reason_text

    words = {lang: reason_text(*reason, lang) for lang in ("zh", "en")}
    return {"code": reason.code, "points": reason.points, "text": words[show.COMMON.lang]}


def _say(found: dict[str, object]) -> None:
    pair = f"{found['project']} × {found['product']}"
    yes, no = say("符合条件", "eligible"), say("不符合条件", "not eligible")
    show.line(f"{pair}  {yes if found['eligible'] else no}  {found['as_of']}")
    for key, head in (("reasons", ""), ("changes", say("最近的产品", "nearest product"))):
        told: list[dict[str, object]] = found[key]  # type: ignore[assignment]
        if head and told:
            show.line(f"{head}: {found['nearest']}")
        for reason in told:
            show.line(f"  {reason['text']}")
