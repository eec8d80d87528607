"""Workbooks as spreadsheets write them, made part by part."""

import zipfile
from html import escape
from pathlib import Path

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FORMATS = {1: 14, 2: 164, 3: 165, 4: 22, 5: 166}
"""Numbers of formats by style: a day, a Chinese day, six zeros, day and time, an amount."""
CODES = {164: 'yyyy"年"m"月"d"日"', 165: "000000", 166: '[Red]"yuan "#,##0.00;General'}


def styles() -> str:
    """Return the part with the formats above."""
    codes = "".join(f'<numFmt numFmtId="{n}" formatCode="{escape(c)}"/>' for n, c in CODES.items())
    xfs = "".join(f'<xf numFmtId="{n}"/>' for n in (0, *FORMATS.values()))
    return (
        f"<styleSheet {MAIN}><numFmts>{codes}</numFmts><cellStyleXfs><xf numFmtId='14'/>"
        f"</cellStyleXfs><cellXfs>{xfs}</cellXfs></styleSheet>"
    )


def rows(*cells: str) -> str:
    """Return a sheet of rows, each the XML of its cells."""
    body = "".join(f"<row>{c}</row>" for c in cells)
    return f"<worksheet {MAIN}><sheetData>{body}</sheetData><extLst/></worksheet>"


def text(*values: str) -> str:
    """Return cells of text."""
    return "".join(f'<c t="inlineStr"><is><t>{escape(v)}</t></is></c>' for v in values)


def workbook(path: Path, shared: str = "", more: str = "", **sheets: str) -> Path:
    """Write a workbook.

    Parameters
    ----------
    shared
        Content of the part of shared texts.
    more
        Attributes of the workbook's properties.
    **sheets
        XML by name; a name that begins with ``_`` is hidden.
    """
    listed, related = "", ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for i, (name, sheet) in enumerate(sheets.items()):
            state = ' state="hidden"' if name.startswith("_") else ""
            listed += f'<sheet name="{name}" sheetId="{i}"{state} r:id="r{i}"/>'
            related += f'<Relationship Id="r{i}" Type="{RELATED}/worksheet" Target="s/{i}.xml"/>'
            file.writestr(f"xl/s/{i}.xml", sheet)
        for kind, part in (
            ("styles", styles()),
            ("sharedStrings", f"<sst {MAIN}>{shared}</sst>"),
        ):
            related += (
                f'<Relationship Id="{kind}" Type="{RELATED}/{kind}" Target="/xl/{kind}.xml"/>'
            )
            file.writestr(f"xl/{kind}.xml", part)
        file.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{related}</Relationships>")
        book = f"<workbookPr {more}/><sheets>{listed}</sheets>"
        file.writestr("xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{RELATED}">{book}</workbook>')
    return path
