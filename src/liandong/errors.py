"""One tree of errors; each class carries what the CLI, the API and a reader need.

LiandongError
├── UsageError            the call is wrong
│   ├── MissingExtraError     an optional package is not installed
│   ├── ExpressionError       the text of a rule cannot be read or makes no sense
│   ├── AgreementError        the text of an agreement cannot be read or cannot be kept
│   ├── KeyUsedError          a key that marks a request was used for another one
│   └── NotFittedError        an estimator was asked before it was fitted
├── NotFoundError         no such table, row, run, rule or step
├── DataError             the input cannot be used at all (bad rows become a table instead)
│   ├── InputError            so are arrays or tables of a call (a ValueError, too)
│   ├── ConflictingLimitsError  limits cannot hold together
│   └── UnprovedError         nothing was found that holds all limits, nor a proof that nothing does
├── RefusedError          the actor may not do this
├── LoginError            nobody knows who asks
├── TooManyError          it was asked for too often
├── BoardError            the board cannot be opened or written now
│   ├── BoardVersionError     made by another version
│   ├── BoardLockedError      another process is writing
│   ├── NotReadyError         something keeps it from being served
│   └── StorageError          the disk or the database refused
├── ConflictError         the same id with other content
├── ChangedError          somebody else has acted on it since it was looked at
├── UnderWayError         the same is being done right now
├── AnswerLostError       it was done, but what was answered is not known any more
├── CheckError            a board does not match its own log
└── InvariantError        a promise of the system itself was broken: nothing was written

beside it what is raised while a rule is read, which pydantic wants to be a ValueError:

UnfitError                a value does not fit

and of warnings, which say that a result may not be what it seems:

DataWarning
├── LeakWarning           columns look as if they were known only after the outcome
├── SilentColumnsWarning  columns of one value or none
├── RepeatedRowsWarning   rows that are there more than once
├── FewEventsWarning      fewer events than bins
└── UnseenLevelsWarning   levels of a category that nothing was learnt of
"""

from pathlib import PurePath
from typing import ClassVar


class Told:
    """What errors and warnings share: their text in two languages.

    Parameters
    ----------
    **params
        The values named in the templates ``zh`` and ``en``; one that differs by language is a
        dict of both.
    """

    zh: ClassVar[str]
    en: ClassVar[str]

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.text("en"))  # type: ignore[call-arg] # beside an exception

    def text(self, lang: str = "en", **shown: object) -> str:
        """Return the message in ``zh`` or ``en``; some values may be ``shown`` otherwise."""
        told = {**self.params, **shown}.items()
        said = {k: v.get(lang, v) if isinstance(v, dict) else v for k, v in told}
        return (self.zh if lang == "zh" else self.en).format(**said)

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only construction needs help to cross a process boundary.
        return _rebuild, (type(self), self.params)


def _rebuild(kind: type[Told], params: dict[str, object]) -> Told:
    return kind(**params)


class UnfitError(Told, ValueError):
    """A value that a rule cannot have: ``what`` is wrong; whoever reads the rule says where."""

    zh = "{what}"
    en = "{what}"


class LiandongError(Told, Exception):
    """Base of all errors: a code, an HTTP status, an exit code, and its text in two languages.

    Parameters
    ----------
    **params
        The values named in the templates ``zh`` and ``en``; one that differs by language is a
        dict of both.
    """

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    zh: ClassVar[str] = "出错：{what}"
    en: ClassVar[str] = "error: {what}"

    def elsewhere(self, lang: str = "en", **shown: object) -> str:
        """Return the message as it is told to other machines: a file by its name, not its place."""
        said = self.text(lang, **shown)
        for place in (str(self.params.get(n, "")) for n in ("file", "board")):
            if place.startswith("/"):
                said = said.replace(place, PurePath(place).name)
        return said


class UsageError(LiandongError):
    """The call is wrong. Parameters: ``what``, ``remedy``."""

    code, http_status, exit_code = "usage", 400, 2
    zh = "用法有误：{what}。{remedy}"
    en = "wrong call: {what}. {remedy}"


class MissingExtraError(UsageError):
    """An optional package is not installed. Parameters: ``package``, ``extra``."""

    code, http_status = "missing_extra", 501
    zh = "缺少可选组件 {package}，请安装：pip install 'liandong[{extra}]'"
    en = "the optional package {package} is missing; pip install 'liandong[{extra}]'"


class ExpressionError(UsageError):
    """A rule's text is wrong. Parameters: ``line``, ``column``, ``found``, ``what``, ``remedy``.

    Lines and columns count from 1; ``found`` is the offending text.
    """

    code, http_status = "expression", 422
    zh = "规则表达式第 {line} 行第 {column} 列“{found}”：{what}。{remedy}"
    en = "rule expression, line {line}, column {column}, '{found}': {what}. {remedy}"


class AgreementError(UsageError):
    """An agreement is wrong. Parameters: ``line``, ``column``, ``found``, ``what``, ``remedy``.

    Lines and columns count from 1; ``found`` is the offending text; ``check`` names what it failed.
    """

    code, http_status = "agreement", 422
    zh = "协议第 {line} 行第 {column} 列“{found}”：{what}。{remedy}"
    en = "agreement, line {line}, column {column}, '{found}': {what}. {remedy}"


class KeyUsedError(UsageError):
    """A key that marks a request was used for another one. Parameters: ``key``."""

    code, http_status = "key_used", 422
    zh = "幂等键“{key}”已用于另一个请求。新的请求请换用新键。"
    en = "the idempotency key '{key}' was used for another request; take a new key for a new one"


class NotFittedError(UsageError, ValueError, AttributeError):
    """An estimator was asked before it was fitted. Parameters: ``what``, ``remedy``."""

    code = "not_fitted"


class NotFoundError(LiandongError):
    """Something named does not exist. Parameters: ``kind``, ``name``, ``remedy``."""

    code, http_status, exit_code = "not_found", 404, 3
    zh = "找不到{kind}“{name}”。{remedy}"
    en = "no {kind} named '{name}'. {remedy}"


class DataError(LiandongError):
    """The input as a whole cannot be used. Parameters: ``file``, ``what``, ``remedy``."""

    code, http_status, exit_code = "data", 422, 4
    zh = "数据无法使用（{file}）：{what}。{remedy}"
    en = "cannot use {file}: {what}. {remedy}"


class InputError(DataError, ValueError):
    """An array or a table of a call cannot be used. Parameters: ``file``, ``what``, ``remedy``.

    It is a ValueError, too: what callers of estimators in the style of scikit-learn expect.
    """

    code = "input"


class ConflictingLimitsError(DataError):
    """Limits cannot hold together. Parameters: ``names``, ``how``, ``multipliers``.

    The multipliers prove it: with them, the limits added up contradict themselves.
    """

    code = "conflicting_limits"
    zh = "以下限制互相冲突：{names}。{how}（证明所用的乘数：{multipliers}）。请放宽其中一项。"
    en = "limits conflict: {names}. {how} (multipliers that prove it: {multipliers}); relax one"


class UnprovedError(DataError):
    """Nothing was found that holds all limits, nor a proof. Parameters: ``names``."""

    code = "unproved"
    zh = "未找到满足全部限制的分配，也未能证明其不存在：{names}。请放宽其中一项后重试。"
    en = (
        "nothing was found that holds all limits, nor a proof that nothing does: {names}; relax one"
    )


class RefusedError(LiandongError):
    """The actor may not do this. Parameters: ``actor``, ``action``, ``reason``.

    One more, ``lacking``, says what of powers was missing: then the refusal goes into the log.
    """

    code, http_status, exit_code = "refused", 403, 5
    zh = "{actor} 不得办理“{action}”：{reason}"
    en = "{actor} may not {action}: {reason}"

    @property
    def lacking(self) -> str | None:
        """What of powers was missing; None for refusals that are not about powers."""
        found = self.params.get("lacking")
        return None if found is None else str(found)


class LoginError(LiandongError):
    """Nobody knows who asks: he has to log in. Parameters: ``reason``."""

    code, http_status, exit_code = "login", 401, 13
    zh = "须先登录：{reason}"
    en = "you have to log in: {reason}"


class TooManyError(LiandongError):
    """It was asked for too often. Parameters: ``seconds`` to wait."""

    code, http_status, exit_code = "too_many", 429, 14
    zh = "请求过于频繁，请 {seconds} 秒后再试"
    en = "asked too often; try again in {seconds} seconds"


class BoardError(LiandongError):
    """The board cannot be opened or written now. Parameters: ``board``, ``what``, ``remedy``."""

    code, http_status, exit_code = "board", 409, 6
    zh = "棋盘 {board}：{what}。{remedy}"
    en = "board {board}: {what}. {remedy}"


class BoardVersionError(BoardError):
    """Made by another version. Parameters: ``board``, ``found``, ``known``."""

    code = "board_version"
    zh = "棋盘 {board} 的版本为 {found}，本程序只认识到 {known}。请升级 liandong 后再打开。"
    en = (
        "board {board} has revision {found}, this liandong knows up to {known}; "
        "upgrade liandong, then open it again"
    )


class BoardLockedError(BoardError):
    """Another process is writing. Parameters: ``board``, ``holder``."""

    code, http_status, exit_code = "board_locked", 423, 7
    zh = "棋盘 {board} 正由 {holder} 写入。请等它结束，或停止该进程后重试；阅读不受影响。"
    en = (
        "board {board} is being written by {holder}; wait for it or stop that process, "
        "then try again (reading works meanwhile)"
    )


class NotReadyError(BoardError):
    """Something keeps a board from being served. Parameters: ``board``, ``what``."""

    code, http_status, exit_code = "not_ready", 503, 14
    zh = "棋盘 {board} 尚不能提供服务：{what}"
    en = "board {board} cannot be served now: {what}"


class StorageError(BoardError):
    """The disk or the database refused. Parameters: ``board``, ``what``."""

    code, http_status, exit_code = "storage", 507, 8
    zh = "棋盘 {board} 写入失败：{what}。没有任何改动；请腾出空间或修复存储后重试。"
    en = (
        "board {board} could not be written: {what}; nothing was changed, free or mend it and retry"
    )


class ConflictError(LiandongError):
    """The same id with other content. Parameters: ``table``, ``key``, ``field``."""

    code, http_status, exit_code = "conflict", 409, 9
    zh = "表 {table} 中 {key} 已存在，但字段 {field} 不同。账簿只增不改：请冲正或换用新编号。"
    en = (
        "{table} already holds {key} with another {field}; the books are append-only: "
        "reverse it, or use a new id"
    )


class ChangedError(LiandongError):
    """Somebody else has acted since. Parameters: ``case``, ``by``, ``seen``, ``now``."""

    code, http_status, exit_code = "changed", 409, 12
    zh = (
        "案件 {case} 的状态已变：{by} 在你查看（第 {seen} 步）之后办理到第 {now} 步。"
        "你的操作未写入；请重新查看后再办。"
    )
    en = (
        "the state of case {case} has changed: {by} acted since you looked at it "
        "(act {seen}, now {now}); nothing of yours was written, look again and then act"
    )


class UnderWayError(LiandongError):
    """The same is being done right now. Parameters: ``key``."""

    code, http_status, exit_code = "under_way", 409, 13
    zh = "幂等键“{key}”的请求正在办理。请稍后用同一个键重试。"
    en = "the request with the key '{key}' is under way; ask again with the same key in a moment"


class AnswerLostError(LiandongError):
    """It was done, but the answer is lost. Parameters: ``key``."""

    code, http_status, exit_code = "answer_lost", 409, 14
    zh = "幂等键“{key}”的请求已经办理，但答复在中断时丢失。请在留痕中查看结果，不要重办。"
    en = (
        "the request with the key '{key}' was done, but its answer was lost in a crash; "
        "see the log of acts, do not do it again"
    )


class CheckError(LiandongError):
    """A board does not match its own log. Parameters: ``board``, ``faults``."""

    code, http_status, exit_code = "check", 409, 11
    zh = "棋盘 {board} 有 {faults} 处与留痕不符：可能被外力改动。请从备份恢复，并保留现状备查。"
    en = (
        "board {board} differs from its own log in {faults} places: something else has changed it; "
        "restore a backup and keep this state as evidence"
    )


class InvariantError(LiandongError):
    """A promise of the system was broken; nothing was written. Parameters: ``what``, ``row``."""

    code, http_status, exit_code = "invariant", 500, 10
    zh = "系统不变式被破坏：{what}（{row}）。未写入任何结果，请报告此问题。"
    en = "an invariant failed: {what} ({row}); nothing was written, please report this"


class DataWarning(Told, UserWarning):
    """The input can be used, but is doubtful. Parameters: ``what``, ``remedy``."""

    zh: ClassVar[str] = "数据可疑：{what}。{remedy}"
    en: ClassVar[str] = "doubtful data: {what}. {remedy}"


class LeakWarning(DataWarning):
    """Columns look as if they were known only after the outcome."""


class SilentColumnsWarning(DataWarning):
    """Columns tell nothing: they have one value only, or none."""


class RepeatedRowsWarning(DataWarning):
    """Rows are there more than once."""


class FewEventsWarning(DataWarning):
    """There are fewer events, or fewer others, than bins."""


class UnseenLevelsWarning(DataWarning):
    """Levels of a category were not there when a card was learnt: they earn no points."""
