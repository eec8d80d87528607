"""The data dictionary, made from the same fields as everything else."""

from liandong.schema.field import Field, Table
from liandong.schema.tables import TABLES
from liandong.schema.whose import word


def _row(f: Field, spec: Table) -> str:
    marks = ["key"] * (f.name in spec.key) + ["may be absent"] * f.null
    marks += [f"**personal** ({f.personal}){_persons(spec)}"] * bool(f.personal)
    if f.choices:
        marks.append(" / ".join(f.choices))
    marks += [f"{word} = {choice}" for word, choice in f.words]
    if f.low is not None or f.high is not None:
        marks.append(f"{'' if f.low is None else f.low} … {'' if f.high is None else f.high}")
    return f"| `{f.name}` | {f.kind} | {f.unit} | {f.zh} | {f.en} | {'; '.join(marks)} |"


def _persons(spec: Table) -> str:
    """Return in which rows a personal field is about a person."""
    if spec.person is None:
        return ""
    name, values = spec.person
    said = " or ".join(v or "absent" for v in values) or "that of a person"
    return f" where `{name}` is {said}"


def markdown() -> str:
    """Return the data dictionary as Markdown, one section a table."""
    lines = [
        "# Data dictionary",
        "",
        "Made from `liandong.schema` by `make docs`; do not edit by hand.",
        "",
    ]
    for spec in sorted(TABLES.values(), key=lambda t: t.name):
        home = "books (SQL)" if spec.home == "books" else "lake (Parquet)"
        lines += [f"## {spec.name} · {spec.zh} · {spec.en}", "", f"Kept in: {home}."]
        lines += ["No step may read this table."] if spec.secret else []
        lines += ["", word(spec.name)]
        lines += [
            "",
            "| field | kind | unit | 中文 | English | notes |",
            "|---|---|---|---|---|---|",
        ]
        lines += [*(_row(f, spec) for f in spec.fields), ""]
    return "\n".join(lines)
