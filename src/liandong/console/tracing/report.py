"""The report of a traced loan in PDF: what an auditor signs."""

from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from liandong import __version__
from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.tracing.sheets import ORDER, SINKS
from liandong.errors import MissingExtraError
from liandong.schema.tables import TABLES
from liandong.step.reasons import reason_text

if TYPE_CHECKING:
    from reportlab.platypus import Flowable

Data = dict[str, Any]
FONT = "STSong-Light"
"""A Chinese font that every reader of PDF knows by name; nothing has to be embedded."""
PATHS = 40
"""Rows of paths printed; the files have all."""


def report_pdf(data: Data, pictures: list[Data], c: Cells) -> bytes:
    """Write the report.

    Parameters
    ----------
    data
        What the page of the loan shows.
    pictures
        The money unrolled in every way.
    c
        Writes values in the language of the report.

    Raises
    ------
    MissingExtraError
        If reportlab is not installed.
    """
    try:
        from reportlab.lib.pagesizes import A4, landscape
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfbase.pdfmetrics import registerFont
        from reportlab.platypus import SimpleDocTemplate
    except ImportError as error:
        raise MissingExtraError(package="reportlab", extra="pdf") from error
    registerFont(UnicodeCIDFont(FONT))
    sink = BytesIO()
    title = c.t("loan_id", id=data["loan"]["loan_id"])
    page = SimpleDocTemplate(
        sink, pagesize=landscape(A4), title=title, author="liandong", invariant=True,
        leftMargin=36, rightMargin=36, topMargin=36, bottomMargin=40,
    )  # fmt: skip
    foot = f"{title} · {c.choice('trail', 'method', data['method'])} · liandong {__version__}"

    def footer(canvas: Any, _: object) -> None:  # noqa: ANN401 - a canvas of reportlab
        canvas.setFont(FONT, 7.5)
        canvas.drawString(36, 22, foot)
        canvas.drawRightString(page.pagesize[0] - 36, 22, str(canvas.getPageNumber()))

    page.build(_story(data, pictures, c), onFirstPage=footer, onLaterPages=footer)
    return sink.getvalue()


def _story(data: Data, pictures: list[Data], c: Cells) -> list["Flowable"]:
    from liandong.console.tracing.paint import Money

    loan = data["loan"]
    name = (loan["name_en"] if c.lang == "en" else None) or loan["name"] or loan["party_id"]
    told = [_text(c.t("loan_id", id=loan["loan_id"]), 16)]
    facts = [
        f"{_label('loan', 'party_id', c)} {name}",
        f"{_label('loan', 'amount', c)} {formats.yuan(loan['amount'])}",
        f"{_label('trail', 'method', c)} {c.choice('trail', 'method', data['method'])}",
    ]
    told += [_text("  ·  ".join(facts), 9), *_sheet(data, c), *_rules(data, c)]
    for drawn in pictures:
        way = drawn["by"]
        head = f"{c.t('where_it_went')} ({c.t(f'trail_by_{way}')})"
        told += [
            _text(head, 12),
            Money(drawn, c, FONT),
            _text(c.t(f"trailnote_{way}"), 8),
        ]
        if drawn["flow"]["rest"]:
            flow = drawn["flow"]
            rest = c.t("trail_rest", n=flow["rest"], amount=formats.yuan(flow["rest_amount"]))
            told.append(_text(rest, 8))
    return [*told, *_paths(data, c), *_circles(data, c), *_stamp(data, c)]


def _sheet(data: Data, c: Cells) -> list["Flowable"]:
    """Write the reconciliation: what was paid out, where it is, the difference."""
    r, s = data["traced"], data["sheet"]
    rows = [
        [c.t("disbursed"), formats.yuan(r["disbursed"])],
        [c.t("held"), formats.yuan(r["held"])],
    ]
    if s:
        labels = {n: TABLES["reconciliation"].field(n) for n in SINKS}
        rows += [
            [labels[n].zh if c.lang == "zh" else labels[n].en, formats.yuan(s[n])]
            for n in SINKS
            if s[n]
        ]
    else:
        rows += [[c.t("repaid"), formats.yuan(r["repaid"])], [c.t("sink"), formats.yuan(r["sink"])]]
    rows.append([c.t("difference"), formats.yuan(r["difference"])])
    told = [_text(c.t("reconciliation"), 12), _grid(rows, (180, 110), right=1, head=False)]
    if s and s["evergreen"]:
        spent, got = formats.yuan(s["repaid_other"]), formats.yuan(s["by_others"])
        told.append(_text(c.t("trail_evergreen", spent=spent, got=got), 9))
    if s:
        told.append(_text("; ".join(reason_text(x["code"], x["points"], c.lang)
                                    for x in s["reasons"]), 8))  # fmt: skip
    return told


def _rules(data: Data, c: Cells) -> list["Flowable"]:
    """Write all rules side by side, between the bounds."""
    table = data["table"]
    bound = (["least"], ["most"]) if table["bounded"] else ([], [])
    heads = [_label("holding", "place", c), *(c.t(f"bound_{n}") for n in bound[0])]
    heads += [c.choice("trail", "method", m) for m in table["methods"]]
    rows = [[*heads, *(c.t(f"bound_{n}") for n in bound[1])]]
    for r in table["rows"]:
        cells = [r["place"], *(formats.yuan(r[n]) for n in bound[0])]
        cells += [formats.yuan(r["fen"][m]) for m in table["methods"]]
        rows.append([*cells, *(formats.yuan(r[n]) for n in bound[1])])
    if table["places"] > len(table["rows"]):
        others = f"{c.t('others')} ({table['places'] - len(table['rows'])})"
        cells = [others, *("" for _ in bound[0])]
        cells += [formats.yuan(table["rest"][m]) for m in table["methods"]]
        rows.append([*cells, *("" for _ in bound[1])])
    total = [c.t("total"), *("" for _ in bound[0])]
    total += [formats.yuan(table["total"][m]) for m in table["methods"]]
    rows.append([*total, *("" for _ in bound[1])])
    wide = (160, *[86] * (len(rows[0]) - 1))
    return [
        _text(c.t("rule_table"), 12),
        _grid(rows, wide, right=1),
        _text(c.t("rule_table_note"), 8),
    ]


def _paths(data: Data, c: Cells) -> list["Flowable"]:
    of_trail = (_label("trail", n, c) for n in ("at", "src_account", "dst_account"))
    words = ("path_lot", "path_parent", "path_lot_amount", "path_amount")
    heads = [c.t("path"), c.t("path_hop"), *of_trail, *(c.t(w) for w in words)]
    rows = [heads] + [
        [f"{r['path']} → {r['place']}" if r["hop"] == 1 else "", str(r["hop"]),
         formats.moment(r["at"], c.lang), r["src_account"], r["dst_account"], r["lot_id"],
         r["parent"] or "–", formats.yuan(r["lot_amount"]), formats.yuan(r["amount"])]
        for r in data["paths"][:PATHS]
    ]  # fmt: skip
    total = c.t("paths_sum", n=data["path_count"], amount=formats.yuan(data["path_total"]))
    shown = {r["path"] for r in data["paths"][:PATHS]}
    if data["path_count"] > len(shown):
        rest = data["path_total"] - sum(
            r["amount"] for r in data["paths"][:PATHS] if r["hop"] == 1
        )  # fmt: skip
        total += " " + c.t(
            "paths_rest", n=data["path_count"] - len(shown), amount=formats.yuan(rest)
        )
    wide = (110, 30, 105, 100, 100, 100, 90, 65, 70)
    return [_text(c.t("paths"), 12), _text(total, 8), _grid(rows, wide, right=7)]


def _circles(data: Data, c: Cells) -> list["Flowable"]:
    found = data["circles"]
    if not found["total"]:
        return []
    from liandong.console.tracing.paint import Ring

    told = [_text(c.t("page_circles"), 12)]
    for circle in found["rows"][:6]:
        told.append(Ring(circle, c, FONT))
        words = [
            f"{_label('circle', 'legs', c)} {circle['legs']}",
            f"{_label('circle', 'bottleneck', c)} {formats.yuan(circle['bottleneck'])}",
            f"{_label('circle', 'retained', c)} {formats.rate(circle['retained'])}",
            f"{_label('circle', 'hours', c)} {formats.number(circle['hours'], digits=1)}",
        ]
        told.append(_text("  ·  ".join(words), 9))
    return told


def _stamp(data: Data, c: Cells) -> list["Flowable"]:
    """Write what made all this."""
    heads = [_label("run", "step", c), _label("run", "rule_id", c), c.t("stamp_order"),
             _label("run", "version", c), c.t("stamp_inputs")]  # fmt: skip
    rows = [heads] + [
        [f"{r['step']} {r['run_id']}", f"{r['rule_id']} {r['rule'] or ''}", ORDER, r["version"],
         " ".join(f"{n} {h['sha256'][:16]}" for n, found in r["inputs"].items() for h in found)]
        for r in data["stamp"]
    ]  # fmt: skip
    wide = (140, 170, 90, 90, 280)
    return [_text(c.t("run_stamp"), 12), _grid(rows, wide), _text(c.t("run_stamp_note"), 8)]


def _label(table: str, field: str, c: Cells) -> str:
    found = TABLES[table].field(field)
    return found.zh if c.lang == "zh" else found.en


def _text(words: str, size: float, *, right: bool = False) -> "Flowable":
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    style = ParagraphStyle(
        f"s{size}{right}", fontName=FONT, fontSize=size, leading=1.35 * size, wordWrap="CJK",
        spaceBefore=size if size >= 12 else 2, spaceAfter=3, alignment=2 if right else 0,
        keepWithNext=size >= 12,
    )  # fmt: skip
    return Paragraph(escape(words), style)


def _grid(
    rows: list[list[str]], wide: tuple[int, ...], right: int = 99, *, head: bool = True
) -> "Flowable":
    """Lay rows out as a table; columns from number ``right`` on are amounts."""
    from reportlab.lib import colors
    from reportlab.platypus import Table, TableStyle

    cells = [[_text(v, 7.5, right=k >= right) for k, v in enumerate(row)] for row in rows]
    table = Table(cells, colWidths=wide, repeatRows=1 if head else 0, hAlign="LEFT")
    look = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.HexColor("#cfd4d6")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]  # fmt: skip
    if head:
        look.append(("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.HexColor("#16222a")))
    table.setStyle(TableStyle(look))
    return table
