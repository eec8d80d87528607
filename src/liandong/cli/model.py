"""Commands about models: the leak alarm on a file, the card of a scorecard, and its export."""

from pathlib import Path
from typing import Annotated

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say
from liandong.errors import DataError, UsageError
from liandong.texts import both

LEAKY = 12
"""Exit code if columns leak."""


def leaks(
    path: Annotated[Path, typer.Argument(help="CSV with heads, or Parquet.")],
    outcome: Annotated[str, typer.Option(help="Column that says how it ended.")],
    bad: Annotated[str, typer.Option(help="Its value for a bad end; not needed for 0 and 1.")] = "",
    applied: Annotated[str, typer.Option(help="Column with the date of the application.")] = "",
    as_json: Json = False,
) -> None:
    """Name columns of a file that were known only after the outcome; exit code 12 if any."""
    from liandong.screen import screen

    found = screen(path, outcome, bad, applied)
    if as_json:
        told = [{**x._asdict(), "text": x.text(show.COMMON.lang)} for x in found.leaks]
        show.as_json({"leaks": told, "auc": found.auc, "rows": found.n, "bads": found.bads})
    else:
        for leak in found.leaks:
            show.line(leak.text(show.COMMON.lang))
        columns = len({leak.column for leak in found.leaks})
        show.line(
            say(
                f"{len(found.auc)} 列中 {columns} 列可疑"
                f"（{found.n:,} 行有结果，其中违约 {found.bads:,}）",
                f"{columns} of {len(found.auc)} columns are suspected"
                f" ({found.n:,} rows with an outcome, {found.bads:,} of them bad)",
            )
        )
    if found.leaks:
        raise typer.Exit(LEAKY)


def card(
    rule_id: Annotated[str, typer.Argument(help="Scorecard; `liandong table score` names them.")],
    out: Annotated[
        Path | None, typer.Option("--output", "-o", help="File; .html or .json.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the card of a scorecard: figures, pictures, warnings, in a file that needs no other."""
    from liandong.console.card import card_html, card_json

    wants_json = as_json or (out is not None and out.suffix.lower() == ".json")
    with show.board() as board:
        written = (
            card_json(board, rule_id) if wants_json else card_html(board, rule_id, show.COMMON.lang)
        )
    show.document(written, out)


def export(
    rule_id: Annotated[
        str, typer.Argument(help="Scorecard; that of the newest scores if empty.")
    ] = "",
    to: Annotated[str, typer.Option(help="sql, json or pmml.")] = "sql",
    dialect: Annotated[str, typer.Option(help="duckdb, postgres or spark.")] = "duckdb",
    layout: Annotated[
        str, typer.Option(help="wide: a column for each measure; long: the table feature.")
    ] = "wide",
    source: Annotated[str, typer.Option(help="Table to read; applicant or feature if empty.")] = "",
    key: Annotated[
        list[str] | None, typer.Option(help="Column of a wide table to keep; again for more.")
    ] = None,
    withheld: Annotated[
        bool, typer.Option(help="Whether a wide table has MEASURE_withheld beside each measure.")
    ] = True,
    out: Annotated[Path | None, typer.Option("--output", "-o", help="File.")] = None,
) -> None:
    """Write a scorecard as SQL, JSON or PMML that scores as liandong does."""
    from liandong.assess import ScoreRule, to_json, to_pmml, to_sql
    from liandong.assess.card.score import chosen

    forms = ("sql", "json", "pmml")
    for given, known in ((to, forms), (layout, ("wide", "long"))):
        if given not in known:
            what = both("fault.export_form", name=given)
            raise UsageError(what=what, remedy=both("advice.known", known=", ".join(known)))
    with show.board() as board:
        board.powers.need("export.model", rule_id)
        scored = [r for r in board.runs() if r.step == "assess.score" and r.status == "done"]
        if not scored:
            raise DataError(
                file="score",
                what=both("fault.none"),
                remedy=both("advice.run_first", step="assess.score"),
            )
        view = board.table("rule")
        rule = ScoreRule.from_toml(view.rows(rule_id=scored[-1].rule_id)[0]["toml"])
        if rule_id:
            rule = rule.changed(scorecard=rule_id)
        _, chosen_card, scale = chosen(view.arrow(), rule)
    if to == "sql":
        keys = key or ["party_id"]
        written = to_sql(chosen_card, scale.grades, dialect=dialect, layout=layout, source=source,
                         keys=keys, withheld=withheld)  # fmt: skip
    else:
        written = {"json": to_json, "pmml": to_pmml}[to](chosen_card, scale.grades)
    show.document(written, out)
