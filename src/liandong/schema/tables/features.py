"""What a transfer looked like when it was made: graph features, labels, and what a detector says.

The columns of features are one list, :data:`COLUMNS`: the kernel, the tables and the column
dictionary in the documentation follow it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from liandong.schema.field import Field, Kind, Table

WINDOWS = (1, 7, 30)
"""Days that the sliding windows reach back, the last day included to the microsecond."""


class Column(NamedTuple):
    """A feature: name, kind (``int`` or ``float``), labels and unit."""

    name: str
    kind: Kind
    zh: str
    en: str
    unit: str = ""

    @property
    def field(self) -> Field:
        """The column as a field of a table."""
        return Field(self.name, self.kind, self.zh, self.en, self.unit)


_ENDS = {"src": ("付款方", "payer"), "dst": ("收款方", "payee"), "": ("账户", "account")}
_WAYS = {"out": ("付出", "out"), "in": ("收入", "in")}
FEN, SECONDS = "CNY fen", "seconds"


def _ints(end: str) -> Iterator[Column]:
    """Yield the whole numbers of one end of a transfer, in the order of the kernel."""
    (zh, en), mark = _ENDS[end], f"{end}_" if end else ""
    for way, (zh_way, en_way) in _WAYS.items():
        for days in WINDOWS:
            zh_in, en_in = f"{zh}近{days}天{zh_way}", f"{en}: {en_way}, {days} d: "
            name = f"{mark}{way}_{{}}_{days}d"
            yield Column(name.format("count"), "int", f"{zh_in}笔数", f"{en_in}transfers")
            yield Column(name.format("fan"), "int", f"{zh_in}对手数", f"{en_in}counterparties")
            yield Column(name.format("sum"), "int", f"{zh_in}总额", f"{en_in}sum", FEN)
        last = WINDOWS[-1]
        for word, zh_word, en_word in (("max", "最大额", "largest"), ("min", "最小额", "smallest")):
            yield Column(f"{mark}{way}_{word}_{last}d", "int",
                         f"{zh}近{last}天{zh_way}{zh_word}", f"{en}: {en_way}, {last} d: {en_word}",
                         FEN)  # fmt: skip
    yield Column(f"{mark}age", "int", f"{zh}首次往来至今", f"{en}: time since first seen", SECONDS)
    first = WINDOWS[0]
    yield Column(f"{mark}gather_scatter_{first}d", "int", f"{zh}近{first}天收付对手数之较小者",
                 f"{en}: {first} d: lesser of counterparties in and out")  # fmt: skip
    for way, (zh_way, en_way) in _WAYS.items():
        yield Column(f"{mark}{way}_last", "int", f"{zh}上一笔{zh_way}金额",
                     f"{en}: {en_way}: amount before", FEN)  # fmt: skip
        yield Column(f"{mark}{way}_since", "int", f"{zh}距上一笔{zh_way}",
                     f"{en}: {en_way}: time since the one before", SECONDS)  # fmt: skip


def _reals(end: str) -> Iterator[Column]:
    """Yield the real numbers of one end of a transfer, in the order of the kernel."""
    (zh, en), mark = _ENDS[end], f"{end}_" if end else ""
    last = WINDOWS[-1]
    for way, (zh_way, en_way) in _WAYS.items():
        for days in WINDOWS:
            yield Column(f"{mark}{way}_mean_{days}d", "float", f"{zh}近{days}天{zh_way}均额",
                         f"{en}: {en_way}, {days} d: mean", FEN)  # fmt: skip
        yield Column(f"{mark}{way}_spread_{last}d", "float",
                     f"{zh}近{last}天{zh_way}金额对数标准差",
                     f"{en}: {en_way}, {last} d: deviation of log2 of amounts")  # fmt: skip
    for days in WINDOWS:
        yield Column(f"{mark}through_{days}d", "float", f"{zh}近{days}天付出与收入之比",
                     f"{en}: {days} d: sum out over sum in")  # fmt: skip


def _against_mean(end: str) -> Iterator[Column]:
    (zh, en), last = _ENDS[end], WINDOWS[-1]
    for way, (zh_way, en_way) in _WAYS.items():
        yield Column(f"{end}_{way}_ratio_{last}d", "float",
                     f"本笔与{zh}此前{last}天{zh_way}均额之比",
                     f"amount over the {en}'s mean {en_way} of {last} d before")  # fmt: skip


def _pair(mark: str, zh: str, en: str) -> Iterator[Column]:
    for days in WINDOWS:
        yield Column(f"{mark}_count_{days}d", "int", f"{zh}近{days}天笔数",
                     f"{en}: {days} d: transfers")  # fmt: skip
    last = WINDOWS[-1]
    yield Column(f"{mark}_sum_{last}d", "int", f"{zh}近{last}天总额", f"{en}: {last} d: sum", FEN)
    yield Column(f"{mark}_since", "int", f"{zh}距上一笔", f"{en}: time since the one before",
                 SECONDS)  # fmt: skip


LEGS = (2, 3, 4, 5)
"""Legs of the circles that are looked for."""

INTS: tuple[Column, ...] = (
    *_ints("src"),
    *_ints("dst"),
    *_pair("pair", "双方同向", "same payer and payee"),
    *_pair("back", "双方反向", "payee to payer"),
    *(Column(f"circles_{k}", "int", f"1天内闭合的{k}步回流数", f"circles of {k} legs closed in 1 d")
      for k in LEGS),
    Column("circles_cut", "int", "回流搜索是否到达上限", "whether the search for circles was cut"),
    Column("scatter_gather", "int", "与付款方同源并付给同一收款方的账户数",
           "others that pay the payee and share a source with the payer, 1 d"),
    Column("paid", "int", "本笔金额", "amount of the transfer", FEN),
    Column("round", "int", "金额末尾零的个数", "zeros at the end of the amount in fen"),
    Column("hour", "int", "时（UTC）", "hour of the day (UTC)"),
    Column("weekday", "int", "星期（周一为0）", "day of the week, Monday 0 (UTC)"),
)  # fmt: skip
"""Features that are whole numbers, in the order of the kernel."""

REALS: tuple[Column, ...] = (
    *_reals("src"),
    *_against_mean("src"),
    *_reals("dst"),
    *_against_mean("dst"),
    Column("pair_ratio_30d", "float", "本笔与双方此前30天同向均额之比",
           "amount over the mean of 30 d before, same payer and payee"),
    Column("passed_on", "float", "本笔与付款方上一笔收入之比（1天内）",
           "amount over the payer's last receipt, if within 1 d"),
)  # fmt: skip
"""Features that are real numbers, in the order of the kernel."""

COLUMNS: tuple[Column, ...] = (*INTS, *REALS)
"""All features of a transfer."""

ACCOUNT_INTS, ACCOUNT_REALS = tuple(_ints("")), tuple(_reals(""))
"""Features of an account, in the order of the kernel."""

_FLOW = Field("flow_id", "id", "流水", "Transfer")
_MODEL = Field("rule_id", "id", "模型", "Model")
MOST = 1_000_000
"""All, in ppm."""

FLOW_FEATURE = Table(
    "flow_feature",
    "流水特征",
    "Transfer feature",
    ("flow_id",),
    (_FLOW, Field("at", "time", "时间", "Time"), *(c.field for c in COLUMNS)),
)

ACCOUNT_FEATURE = Table(
    "account_feature",
    "账户特征",
    "Account feature",
    ("account_id",),
    (
        Field("account_id", "id", "账户", "Account"),
        Field("at", "time", "时间", "Time"),
        *(c.field for c in (*ACCOUNT_INTS, *ACCOUNT_REALS)),
    ),
)

FLOW_LABEL = Table(
    "flow_label",
    "流水标注",
    "Transfer label",
    ("flow_id",),
    (
        _FLOW,
        Field("bad", "bool", "可疑", "Illicit"),
        Field("pattern", "text", "类型", "Pattern", null=True),
    ),
)

TRANSFER_SCORE = Table(
    "transfer_score",
    "流水可疑分",
    "Transfer score",
    ("flow_id", "rule_id"),
    (
        _FLOW,
        _MODEL,
        Field("score", "rate", "可疑概率", "Probability", "ppm", low=0, high=MOST),
        Field("threshold", "rate", "阈值", "Threshold", "ppm", low=0, high=MOST),
        Field("reasons", "reasons", "理由", "Reasons"),
    ),
)

_PART = Field("part", "choice", "样本", "Part", choices=("train", "valid", "test"))

DETECTION = Table(
    "detection",
    "检测器表现",
    "Detector figure",
    ("rule_id", "part", "measure"),
    (
        _MODEL,
        _PART,
        Field("measure", "id", "指标", "Measure"),
        Field("value", "float", "数值", "Value", null=True),
        Field("low", "float", "区间下限", "Interval from", null=True),
        Field("high", "float", "区间上限", "Interval to", null=True),
        Field("n", "int", "流水数", "Transfers", low=0),
    ),
)

DETECTION_CURVE = Table(
    "detection_curve",
    "查准查全曲线",
    "Precision and recall",
    ("rule_id", "part", "flagged"),
    (
        _MODEL,
        _PART,
        Field("flagged", "int", "标记笔数", "Flagged", low=1),
        Field("found", "int", "其中可疑", "Illicit among them", low=0),
        Field("score", "rate", "最低分", "Lowest score", "ppm", low=0, high=MOST),
        Field("precision", "rate", "查准率", "Precision", "ppm", low=0, high=MOST),
        Field("recall", "rate", "查全率", "Recall", "ppm", low=0, high=MOST),
    ),
)

TABLES = (
    FLOW_FEATURE,
    ACCOUNT_FEATURE,
    FLOW_LABEL,
    TRANSFER_SCORE,
    DETECTION,
    DETECTION_CURVE,
)
