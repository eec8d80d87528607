"""Commands for the auditor of a traced loan: paths, dossier."""

from pathlib import Path
from typing import Annotated

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say

Loan = Annotated[str, typer.Argument(help="Loan; `liandong table loan` names them.")]
Method = Annotated[str, typer.Option("--method", help="Rule: fifo, lifo, … as it was traced.")]


def paths(
    loan: Loan,
    place: Annotated[str, typer.Option(help="Account or sink; all without it.")] = "",
    method: Method = "",
    limit: Annotated[int, typer.Option(help="Paths at most, the largest first.", min=1)] = 20,
    as_json: Json = False,
) -> None:
    """Show how money of a loan came to where it is, transfer by transfer."""
    from liandong.console.tracing.dossier import evidence

    with show.board() as board:
        rows, count, total = evidence(board, loan, place, method, None if as_json else limit)
    if as_json:
        show.as_json({"paths": rows, "count": count, "total": total})
        return
    heads = say(
        "路径,落点,第几笔,流水,付款账户,收款账户,批次,上一批次,金额",
        "path,place,leg,transfer,from,to,lot,parent lot,amount",
    ).split(",")
    body = [
        [str(r["path"]), r["place"], str(r["hop"]), r["flow_id"], r["src_account"],
         r["dst_account"], r["lot_id"], r["parent"] or "–", show.cell(r["amount"], "money")]
        for r in rows
    ]  # fmt: skip
    show.grid(heads, body)
    yuan, shown = show.cell(total, "money"), min(limit, count)
    show.line(
        say(
            f"共 {count:,} 条路径，合计 {yuan} 元；列出 {shown:,} 条",
            f"{count:,} paths with {yuan} yuan in all; {shown:,} shown",
        )
    )


def dossier(
    loan: Loan,
    to: Annotated[Path, typer.Option("--to", help="Folder for the files.")],
    method: Method = "",
    pdf: Annotated[bool, typer.Option(help="Write the report in PDF, too.")] = True,
) -> None:
    """Write all about a traced loan as CSV, Parquet and PDF, with hashes of everything."""
    from liandong.console.tracing.dossier import dossier as written

    with show.board() as board:
        files = written(board, loan, to, show.COMMON.lang, method, report=pdf)
    for path in files:
        show.line(str(path))
