"""Statistics by province of China's National Bureau of Statistics, with their vintages.

A figure is revised after each census: the same province, year and measure has a value in each
vintage. What the bureau's database shows is called ``revised``, series marked 旧口径 ``old``.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.load.base import Raw, hashes, unusable
from liandong.load.sheet import Sheet, decode, each_distinct, read_csv, told
from liandong.schema.provinces import adcodes

MEASURES = {
    "地区生产总值": "gdp",
    "年末常住人口": "population",
    "人口数(人口抽样调查)": "population_sample",
    "65岁及以上人口数(人口抽样调查)": "population_65_sample",
    "城镇单位就业人员": "employment_urban",
    "私营企业和个体就业人员": "employment_private",
    "公有经济企事业单位专业技术人员数": "professionals_public",
    "固定资产投资(不含农户)实际到位资金_比上年增长": "investment_growth",
    "居民消费价格指数(上年同月=100)": "cpi_year_on_year",
}
"""Names of measures by indicator; others keep the indicator's name.

The sample counts are of the yearly 1 per mille survey: people asked, not people there.
"""
LONG = ("region", "period", "indicator", "unit", "value", "source")
SOURCE = "国家统计局"
_OLD = re.compile(r"[(（][^()（）]*旧口径[)）]")
_UNIT = re.compile(r"[(（]([^()（）]*)[)）]$")
_PERIOD = re.compile(r"(\d{4})年?(?:第?([一二三四])季度|(\d{1,2})月)?")
_QUARTERS = {"一": "Q1", "二": "Q2", "三": "Q3", "四": "Q4"}
_NOTE = ("注", "数据来源", "资料来源")


def fingerprint(path: Path, **_: object) -> dict[str, str]:
    """Return the hashes of the file, or of the files of the folder that look like exports."""
    return hashes(_files(path))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted([*path.glob("nbs*.csv"), *path.glob("分省*.csv")])
    if not found:
        raise unusable(path, "missing_part", names="nbs*.csv, 分省*.csv")
    return found


def read(path: Path, vintage: str = "", regions: bool = True, encoding: str = "") -> Iterator[Raw]:  # noqa: FBT001, FBT002 - an option given by name
    """Read an export.

    Parameters
    ----------
    path
        CSV as the bureau exports it (lines of 数据库, 指标 and 时间, then one column a period), or
        long with the columns :data:`LONG` and perhaps ``vintage``; or a folder of such files.
    vintage
        Name of the vintage; by default what the file says, else ``old`` or ``revised``.
    regions
        Whether to bring the provinces themselves along.
    encoding
        Found out if empty.

    Yields
    ------
    Raw
        ``region_stat`` and ``region``. Cells without a value are no facts; a region that no
        province is called is refused.
    """
    if regions:
        from liandong.world.regions import region_table

        yield Raw("region", region_table(), "provinces")
    for file in _files(path):
        yield from _file(file, vintage, encoding)


def _file(file: Path, vintage: str, encoding: str) -> Iterator[Raw]:
    lines = list(csv.reader(io.StringIO(decode(file, encoding))))
    at = next((i for i, line in enumerate(lines) if line and line[0].strip() == "地区"), None)
    if at is not None:
        yield from _wide(file, lines, at, vintage)
    elif set(LONG) <= {cell.strip() for cell in lines[0]}:
        yield _long(read_csv(file, encoding), vintage)
    else:
        raise unusable(file, "layout", expected=f"地区 + 2023年 …  /  {', '.join(LONG)}")


def _long(sheet: Sheet, vintage: str) -> Raw:
    data = sheet.data
    indicator = data["indicator"]
    given = each_distinct(indicator, lambda name: vintage or _vintage(name))
    if "vintage" in data.column_names and not vintage:
        given = data["vintage"]
    columns = {
        "period": each_distinct(data["period"], _period),
        "measure": each_distinct(indicator, _measure),
        "vintage": given, "value": data["value"], "unit": data["unit"], "source": data["source"],
    }  # fmt: skip
    return _stats(sheet, columns, {"measure": "indicator"})


def _wide(file: Path, lines: list[list[str]], at: int, vintage: str) -> Iterator[Raw]:
    """Yield one raw table a period: an error names its column that way."""
    about = dict(_split(line[0]) for line in lines[:at] if line and line[0].strip())
    indicator = about.get("指标", "")
    if not indicator:
        raise unusable(file, "layout", expected="指标：…")
    unit = _UNIT.search(indicator)
    name = _UNIT.sub("", indicator)
    body = [(i + 1, line) for i, line in enumerate(lines) if i > at and any(map(str.strip, line))]
    rows = [(i, line) for i, line in body if not line[0].strip().startswith(_NOTE)]
    source = next((_split(line[0])[1] for _, line in body if "来源" in line[0][:4]), SOURCE)
    numbers = pa.array([i for i, _ in rows], pa.int64())
    for j, period in enumerate(lines[at][1:], start=1):
        if not period.strip():
            continue
        cells = [line[j] if j < len(line) else "" for _, line in rows]
        data = pa.table({"region": [line[0] for _, line in rows], "value": cells})
        columns = {
            "period": _period(period), "measure": _measure(name),
            "vintage": vintage or _vintage(name), "value": data["value"],
            "unit": unit[1] if unit else "-", "source": source,
        }  # fmt: skip
        sheet = Sheet(file.name, data, numbers)
        yield _stats(sheet, columns, {"value": period.strip()})


def _split(line: str) -> tuple[str, str]:
    key, _, value = line.replace(":", "：", 1).partition("：")
    return key.strip(), value.strip()


def _stats(sheet: Sheet, columns: dict[str, pa.ChunkedArray | str], labels: dict[str, str]) -> Raw:
    """Put adcodes to the names of regions; those without one are refused."""
    names = pc.utf8_trim_whitespace(sheet.data["region"])
    code = each_distinct(names, adcodes().get)
    known = pc.is_valid(code)
    there = pc.not_equal(pc.utf8_trim_whitespace(sheet.data["value"]), "")
    raw = sheet.raw(
        "region_stat", {"region_id": code, **columns}, keep=pc.and_(known, there), labels=labels
    )
    lost = np.flatnonzero(~known.to_numpy())
    if not len(lost):
        return raw
    faults = told(
        sheet.file, sheet.rows.take(pa.array(lost)).to_pylist(), "region",
        names.take(pa.array(lost)).to_pylist(), "unknown_region",
    )  # fmt: skip
    return replace(raw, faults=faults)


def _period(word: str) -> str:
    """Write a period as 2023, 2023Q4 or 2020-02; other text stays."""
    match = _PERIOD.fullmatch(word.strip())
    if not match:
        return word.strip()
    year, quarter, month = match.groups()
    return year + (_QUARTERS[quarter] if quarter else f"-{int(month):02d}" if month else "")


def _vintage(indicator: str) -> str:
    return "old" if _OLD.search(indicator) else "revised"


def _measure(indicator: str) -> str:
    name = _OLD.sub("", indicator).strip()
    return MEASURES.get(name, name)
