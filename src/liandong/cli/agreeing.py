"""Agreements on the command line: check, format, show in words, simulate; and those signed."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say
from liandong.errors import UsageError
from liandong.texts import both, unread

if TYPE_CHECKING:
    from liandong.errors import AgreementError
    from liandong.settle.agreements import Agreement, Simulation


class Action(StrEnum):
    """What to do with an agreement."""

    CHECK = "check"
    FORMAT = "format"
    SHOW = "show"
    SIMULATE = "simulate"
    SIGNED = "signed"


def agreement(
    action: Annotated[
        Action,
        typer.Argument(
            help="check: all that is wrong with it; format: its canonical text; show: the contract"
            " in words; simulate: who would have what; signed: the approved ones, as a rule."
        ),
    ],
    file: Annotated[Path | None, typer.Argument(help="Text of the agreement.")] = None,
    out: Annotated[Path | None, typer.Option(help="format, signed: write here.")] = None,
    years: Annotated[str, typer.Option(help="simulate: as 2026..2030.")] = "",
    base: Annotated[
        list[str] | None,
        typer.Option(help="simulate: NAME=AMOUNT of the first year; rates as 4.35%."),
    ] = None,
    growth: Annotated[str, typer.Option(help="simulate: a year, as 8%.")] = "0%",
    as_json: Json = False,
) -> None:
    """Read an agreement in the split language, and say what it means."""
    from liandong.settle.agreements import faults, parse, read, told, write

    if action is Action.SIGNED:
        _signed(out)
        return
    text = _text(file or Path())
    if action is Action.CHECK:
        _check(faults(parse(text)), as_json=as_json)
    elif action is Action.FORMAT:
        show.document(write(read(text)).removesuffix("\n") + ("\n" if out else ""), out)
    elif action is Action.SHOW:
        lines = told(read(text), show.COMMON.lang)
        show.as_json(lines) if as_json else show.line("\n".join(lines))
    else:
        _say(_simulated(read(text), years, base or [], growth), as_json=as_json)


def _signed(out: Path | None) -> None:
    """Write the agreements that were approved as a rule of ``settle.share``."""
    import tomli_w

    from liandong.store.asking import signed

    with show.board() as board:
        found = [{n: a[n] for n in ("name", "text", "parties")} for a in signed(board.store)]
    show.document(tomli_w.dumps({"agreements": found}, multiline_strings=True), out)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = both("fault.rule_file", path=file, why=unread(error))
        raise UsageError(what=what, remedy=both("advice.agreement_file")) from error


def _check(found: "list[AgreementError]", *, as_json: bool) -> None:
    """Say all faults, and end like the first of them."""
    if as_json:
        show.as_json([{**e.params, "text": e.text(show.COMMON.lang)} for e in found])
    for error in found[1:] if not as_json else []:
        show.problem(error.text(show.COMMON.lang))
    if found:
        raise found[0]
    if not as_json:
        show.line(say("协议可以履行", "the agreement can be kept"))


def _simulated(agreement: "Agreement", years: str, given: list[str], growth: str) -> "Simulation":
    from liandong.settle.agreements import growing, rate_names, simulate
    from liandong.settle.agreements.simulating import base_units, ratio, supposed

    units = base_units(agreement)
    try:
        first, last = (int(y) for y in years.split(".."))
        span = range(first, last + 1)
        rate = ratio(growth)
        amounts: dict[str, int] = {}
        for word in given:
            name, _, value = word.partition("=")
            amounts[name] = supposed(value, units.get(name, agreement[0].unit))
    except ValueError as error:
        raise _needs() from error
    if not span or not amounts:
        raise _needs()
    return simulate(agreement, growing(amounts, span, rate, rate_names(agreement)))


def _needs() -> UsageError:
    return UsageError(what=both("fault.simulation"), remedy=both("advice.simulation"))


def _say(simulation: "Simulation", *, as_json: bool) -> None:
    from liandong.settle.agreements.writing import amount
    from liandong.step.reasons import reason_text

    if as_json:
        show.as_json([
            {"clause": p.clause, "party": p.party, "period": p.period, "amount": p.amount,
             "unit": simulation.units[p.clause].name,
             "reasons": [{"code": c, "points": n} for c, n in p.reasons]}
            for p in simulation.postings
        ])  # fmt: skip
        return
    for clause, parties in simulation.series().items():
        unit = simulation.units[clause]
        periods = list(dict.fromkeys(p for line in parties.values() for p in line))
        rows = [[f"{clause} {unit.name}", *parties]]
        rows += [
            [p, *(amount(line.get(p, 0), unit).replace("_", ",") for line in parties.values())]
            for p in periods
        ]
        wide = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        for row in rows:
            show.line("  ".join(x.rjust(w) for x, w in zip(row, wide, strict=True)))
    odd = {
        reason_text(code, None, show.COMMON.lang): p.period
        for p in simulation.postings
        for code, _ in p.reasons
        if code == "settle.outside"
    }
    for words, period in odd.items():
        show.problem(f"{period}: {words}")
