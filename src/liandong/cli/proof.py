"""Certificates of allocations: written to a file, and checked against a board or a folder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liandong.cli import show
from liandong.cli.do import pairs, read_toml
from liandong.cli.show import say
from liandong.errors import CheckError, DataError, NotFoundError
from liandong.texts import both

if TYPE_CHECKING:
    import pyarrow as pa

    from liandong.match.allocation.claims import Verdict

KINDS = ("certificate", "log")
"""What can be checked beside the board itself."""
SHOWN = 20
"""Faults told on the screen; JSON has all."""


def certificate(
    keys: Annotated[
        list[str] | None,
        typer.Argument(help="as_of=DAY; the newest allocation without it. More with --conflict."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File; else the screen.")] = None,
    conflict: Annotated[
        bool, typer.Option("--conflict", help="The proof that limits conflict, if they do.")
    ] = False,
    rule: Annotated[
        Path | None, typer.Option(help="Rule of match.allocate (TOML), with --conflict.")
    ] = None,
) -> None:
    """Write the certificate of an allocation: what anybody can check it by."""
    given = pairs(keys or [])
    said = _refuted(rule, given) if conflict else _kept(given)
    show.document(json.dumps(said, indent=1, ensure_ascii=False), out)


def _kept(given: dict[str, Any]) -> dict[str, Any]:
    with show.board() as board:
        found = board.table("allocation").where(**given)
    rows = sorted(found.to_pylist(), key=lambda r: r["as_of"])
    if not rows:
        remedy, name = both("advice.run_first", step="match.allocate"), given.get("as_of", "")
        raise NotFoundError(kind=both("kind.allocation"), name=name, remedy=remedy)
    said: dict[str, Any] = json.loads(rows[-1]["certificate"])
    return said


def _refuted(file: Path | None, given: dict[str, Any]) -> dict[str, Any]:
    from liandong.match import AllocateRule
    from liandong.match.allocation.certificate import conflict

    rule = AllocateRule.make(**((read_toml(file) if file else {}) | given))
    with show.board() as board:
        said = conflict(board.table("quote").arrow(), board.table("product").arrow(), rule)
    if said is None:
        remedy = both("advice.run_first", step="match.allocate")
        raise NotFoundError(kind=both("kind.conflict"), name=str(rule.as_of), remedy=remedy)
    return said


def check_certificate(file: Path, data: Path | None, *, as_json: bool) -> None:
    """Check a certificate against a folder of tables, or else against the board.

    Raises
    ------
    CheckError
        If anything does not hold.
    """
    said = _read(file)
    with show.progress(say("核对证书", "checking the certificate")) as tell:
        from liandong.match.allocation.verify import verify

        quote, product, offer = _folder(data) if data else _board(said)
        verdict = verify(said, quote, product, offer, tell)
    if not data:
        _stored(said, verdict)
    _tell(said, verdict, as_json=as_json)
    if verdict.faults:
        raise CheckError(board=file, faults=len(verdict.faults))


def _read(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        what = both("fault.certificate_file", why=error)
        raise DataError(file=file, what=what, remedy=both("advice.certificate_file")) from error
    if not isinstance(said, dict):
        what = both("fault.certificate_file", why=type(said).__name__)
        raise DataError(file=file, what=what, remedy=both("advice.certificate_file"))
    return said


def _board(said: Mapping[str, Any]) -> tuple["pa.Table", "pa.Table", "pa.Table"]:
    """Return from the board the quotes of the day that can become offers, products and offers."""
    from liandong.match.allocation.claims import QUOTE

    columns, day = ", ".join(f'"{n}"' for n in QUOTE), str(said.get("as_of"))
    with show.board() as board:
        quote = board.sql(
            f"SELECT {columns} FROM quote WHERE as_of::VARCHAR = ? AND eligible"  # noqa: S608 - names of the schema
            " AND value_rate > 0 ORDER BY project_id, product_id",
            [day],
        )
        offer = board.sql("SELECT * FROM offer WHERE as_of::VARCHAR = ? AND amount <> 0", [day])
        return quote, board.table("product").arrow(), offer


def _stored(said: Mapping[str, Any], verdict: "Verdict") -> None:
    """Hold a certificate against the one that the board keeps for the day."""
    with show.board() as board:
        rows = [
            r for r in board.table("allocation").rows() if str(r["as_of"]) == str(said.get("as_of"))
        ]
    if said.get("kind") != "conflict" and (not rows or json.loads(rows[0]["certificate"]) != said):
        verdict.blame("broken.not_stored")


def _folder(data: Path) -> tuple["pa.Table", ...]:
    """Return quotes, products and offers from files of a folder: NAME.parquet, NAME.csv, NAME/."""
    return tuple(_table(data, name) for name in ("quote", "product", "offer"))


def _table(data: Path, name: str) -> "pa.Table":
    import pyarrow.parquet as pq

    from liandong.load import load
    from liandong.schema.arrow import conform

    csv, one, several = data / f"{name}.csv", data / f"{name}.parquet", data / name
    if csv.exists():
        found = load(name, csv)
        if found.refused.get(name):
            what = both("fault.exported_rows", rows=found.refused[name])
            raise DataError(file=csv, what=what, remedy=both("advice.export_again"))
        return found.tables[name]
    files = [one] if one.exists() else sorted(several.rglob("*.parquet"))
    if not files:
        what = both("fault.not_exported", table=name)
        raise DataError(file=data, what=what, remedy=both("advice.export_again"))
    import pyarrow as pa

    return conform(name, pa.concat_tables([pq.read_table(f, partitioning=None) for f in files]))


def _tell(said: Mapping[str, Any], verdict: "Verdict", *, as_json: bool) -> None:
    figures = {
        "projects": verdict.projects, "arcs": verdict.arcs, "offers": verdict.offers,
        "used": verdict.used, "value": verdict.value, "bound": verdict.bound, "gap": verdict.gap,
    }  # fmt: skip
    if as_json:
        faults = [
            {"code": f.code, "where": f.where, "text": f.text(show.COMMON.lang)}
            for f in verdict.faults
        ]
        show.as_json({**figures, "faults": faults, "seal": said.get("seal")})
        return
    for fault in verdict.faults[:SHOWN]:
        show.problem(fault.text(show.COMMON.lang))
    if verdict.faults:
        return
    if said.get("kind") == "conflict":
        show.line(say("成立：这些限额无法同时满足", "proved: these limits cannot hold together"))
        return
    used, value, bound = (show.cell(figures[n], "money") for n in ("used", "value", "bound"))
    show.line(
        say(
            f"全部相符：{verdict.arcs:,} 份报价，{verdict.offers:,} 个项目获 {used} 元，"
            f"价值 {value} 元，任何分配不超过 {bound} 元",
            f"all in order: {verdict.arcs:,} quotes, {verdict.offers:,} offers of {used} yuan, "
            f"worth {value} yuan; no allocation is worth more than {bound}",
        )
    )
