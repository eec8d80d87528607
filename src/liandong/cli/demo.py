"""The demonstration: a small world, the loop, one page of results, the console."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from liandong.cli import show
from liandong.cli.show import say
from liandong.errors import BoardError
from liandong.texts import both
from liandong.types import Money, today

if TYPE_CHECKING:
    from liandong.board import Board
    from liandong.step import Run

FOLDER = Path("demo")


def demo(*, once: bool, firms: int, seed: int, port: int, fresh: bool) -> None:
    """Make a world of ``firms`` firms, run the loop, print the summary, serve unless ``once``."""
    from liandong.board import open as open_board

    home = FOLDER / "world.board"
    if fresh:
        _clear(home)
    with open_board(home, actor="demo", lang="zh" if show.COMMON.lang == "zh" else "en") as board:
        _work(board, firms, seed)
        _summary(board)
    show.line(
        say(
            f"棋盘：{home}　（liandong -b {home} runs）",
            f"board: {home}   (try: liandong -b {home} runs)",
        )
    )
    if once:
        return
    from liandong.service.serve import Listen, serve

    show.line(
        say(
            f"控制台：http://127.0.0.1:{port}（Ctrl-C 结束）",
            f"console: http://127.0.0.1:{port} (Ctrl-C ends it)",
        )
    )
    serve(str(home), Listen(port=port), show.COMMON.lang)


def _clear(home: Path) -> None:
    """Remove an earlier demonstration, but nothing that is not a board."""
    if not home.exists():
        return
    if not (home / "books.sqlite").exists():
        raise BoardError(board=home, what=both("fault.no_board"), remedy=both("advice.move_away"))
    shutil.rmtree(home)


def _work(board: "Board", firms: int, seed: int) -> None:
    from liandong import govern
    from liandong.loop import BUDGET_A_FIRM, loop, world_dates

    with show.progress(say("生成世界", "making a world")) as tell:
        board.load("world", firms=firms, months=36, seed=seed, statistics=True, progress=tell)
    with show.progress(say("运行全流程", "running the loop")) as tell:
        stages = loop(board, world_dates(board), Money(BUDGET_A_FIRM * firms))
        for i, (name, work) in enumerate(stages):
            tell(name, i, len(stages))
            run = work()
            show.line(f"  {run.step:20} {run.seconds or 0:6.2f} s")
    # Cases are opened now, whatever the days of the world are.
    board.run(govern.scorecards, as_of=today())
    for run in (reconciled(board, seed), reviewed(board, seed)):
        show.line(f"  {run.step:20} {run.seconds or 0:6.2f} s")


def reconciled(board: "Board", seed: int) -> "Run":
    """Let a bank tell of the payments on a board, and hold the books against it."""
    from liandong import settle
    from liandong.world.bank import bank_lines

    lines = bank_lines(board.table("entry").arrow(), seed)
    board.put("bank of the demonstration", {"bank_line": lines})
    return board.run(settle.reconcile)


def reviewed(board: "Board", seed: int) -> "Run":
    """Let an auditor look at the flags, and say how often they were right."""
    from liandong import govern
    from liandong.loop import world_dates
    from liandong.world.reviews import flag_reviews

    flags, truth = (board.table(n).arrow() for n in ("red_flag", "truth"))
    reviews = flag_reviews(flags, truth, world_dates(board).as_of, seed)
    board.put("reviews of the demonstration", {"flag_review": reviews})
    return board.run(govern.flag_precision)


def _summary(board: "Board") -> None:
    """Print what the loop found, a line for each verb."""
    found = {name: board.sql(query).to_pylist()[0] for name, query in QUESTIONS.items()}
    found["govern"]["head"] = board.log.head()[:16]
    show.line("")
    for verb, (zh, en) in LINES.items():
        values = {k: _written(k, v) for k, v in found[verb].items()}
        show.line("  " + say(zh, en).format(**values))
    show.line("")


def _written(name: str, value: float | str | None) -> str:
    """Write a figure: amounts in yuan, counts with separators, indices with four digits."""
    if name.endswith("fen"):
        return Money(int(value or 0)).yuan()
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4f}" if isinstance(value, float) else str(value or "–")


QUESTIONS = {
    "world": "SELECT (SELECT count(*) FROM party WHERE kind = 'firm') AS firms,"
    " (SELECT count(*) FROM invoice) AS invoices, (SELECT count(*) FROM flow) AS flows",
    "assess": "SELECT count(*) AS firms, avg(pd) / 1e4 AS pd FROM score"
    " WHERE as_of = (SELECT max(as_of) FROM score)",
    "match": "SELECT count(*) FILTER (amount > 0) AS projects, sum(amount) AS fen FROM offer",
    "settle": "SELECT count(*) AS entries, sum(amount) AS fen FROM entry WHERE unit = 'CNY'",
    "watch": "SELECT count(*) AS alerts, count(*) FILTER (level = 'red') AS red FROM alert",
    "trace": "SELECT count(DISTINCT loan_id) AS loans, sum(amount) AS fen FROM holding"
    " WHERE method = 'fifo'",
    "survey": "SELECT max(value) FILTER (part = 'total') AS total,"
    " max(value) FILTER (part = 'between') AS between FROM gap"
    " WHERE index = 'theil_t' AND period = (SELECT max(period) FROM gap)",
    "govern": "SELECT count(*) AS acts FROM act",
}
LINES = {
    "world": (
        "世界　{firms} 家企业，{invoices} 张发票，{flows} 笔流水",
        "world    {firms} firms, {invoices} invoices, {flows} transfers",
    ),
    "assess": (
        "评估　{firms} 家评分，平均违约概率 {pd}%",
        "assess   {firms} firms scored, mean probability of default {pd}%",
    ),
    "match": (
        "撮合　{projects} 个项目获得 {fen} 元",
        "match    {projects} projects get {fen} yuan",
    ),
    "settle": (
        "清算　{entries} 笔分录，借贷各 {fen} 元",
        "settle   {entries} entries, {fen} yuan on either side",
    ),
    "watch": (
        "监测　{alerts} 条预警，其中红色 {red} 条",
        "watch    {alerts} alerts, {red} of them red",
    ),
    "trace": (
        "溯源　{loans} 笔贷款逐分对账，共 {fen} 元",
        "trace    {loans} loans reconciled to the fen, {fen} yuan",
    ),
    "survey": (
        "测绘　人均 GDP 泰尔指数 {total}，其中区域间 {between}",
        "survey   Theil of GDP per head {total}, between belts {between}",
    ),
    "govern": ("治理　{acts} 条留痕，树头 {head}…", "govern   {acts} acts, log head {head}…"),
}
