"""The 34 provincial units: adcodes, names and economic belts."""

from functools import cache
from typing import Literal, NamedTuple

Belt = Literal["east", "central", "west", "northeast", "other"]
NATION = "100000"
"""Adcode of the whole country."""


class Province(NamedTuple):
    """One provincial unit.

    Attributes
    ----------
    adcode
        GB/T 2260 code, six digits.
    zh, short, en
        Full name, short name, and English name.
    belt
        One of the four belts of the National Bureau of Statistics, ``other`` outside them.
    """

    adcode: str
    zh: str
    short: str
    en: str
    belt: Belt


PROVINCES: tuple[Province, ...] = (
    Province("110000", "北京市", "北京", "Beijing", "east"),
    Province("120000", "天津市", "天津", "Tianjin", "east"),
    Province("130000", "河北省", "河北", "Hebei", "east"),
    Province("140000", "山西省", "山西", "Shanxi", "central"),
    Province("150000", "内蒙古自治区", "内蒙古", "Inner Mongolia", "west"),
    Province("210000", "辽宁省", "辽宁", "Liaoning", "northeast"),
    Province("220000", "吉林省", "吉林", "Jilin", "northeast"),
    Province("230000", "黑龙江省", "黑龙江", "Heilongjiang", "northeast"),
    Province("310000", "上海市", "上海", "Shanghai", "east"),
    Province("320000", "江苏省", "江苏", "Jiangsu", "east"),
    Province("330000", "浙江省", "浙江", "Zhejiang", "east"),
    Province("340000", "安徽省", "安徽", "Anhui", "central"),
    Province("350000", "福建省", "福建", "Fujian", "east"),
    Province("360000", "江西省", "江西", "Jiangxi", "central"),
    Province("370000", "山东省", "山东", "Shandong", "east"),
    Province("410000", "河南省", "河南", "Henan", "central"),
    Province("420000", "湖北省", "湖北", "Hubei", "central"),
    Province("430000", "湖南省", "湖南", "Hunan", "central"),
    Province("440000", "广东省", "广东", "Guangdong", "east"),
    Province("450000", "广西壮族自治区", "广西", "Guangxi", "west"),
    Province("460000", "海南省", "海南", "Hainan", "east"),
    Province("500000", "重庆市", "重庆", "Chongqing", "west"),
    Province("510000", "四川省", "四川", "Sichuan", "west"),
    Province("520000", "贵州省", "贵州", "Guizhou", "west"),
    Province("530000", "云南省", "云南", "Yunnan", "west"),
    Province("540000", "西藏自治区", "西藏", "Tibet", "west"),
    Province("610000", "陕西省", "陕西", "Shaanxi", "west"),
    Province("620000", "甘肃省", "甘肃", "Gansu", "west"),
    Province("630000", "青海省", "青海", "Qinghai", "west"),
    Province("640000", "宁夏回族自治区", "宁夏", "Ningxia", "west"),
    Province("650000", "新疆维吾尔自治区", "新疆", "Xinjiang", "west"),
    Province("710000", "台湾省", "台湾", "Taiwan", "other"),
    Province("810000", "香港特别行政区", "香港", "Hong Kong", "other"),
    Province("820000", "澳门特别行政区", "澳门", "Macao", "other"),
)


@cache
def adcodes() -> dict[str, str]:
    """Return adcodes by full name, short name and English name."""
    return {name: p.adcode for p in PROVINCES for name in (p.zh, p.short, p.en)}
