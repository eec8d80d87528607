"""What can be loaded by name, beside the files of one's own."""

from typing import NamedTuple


class Source(NamedTuple):
    """What a source is, in two languages; the module of its name reads it."""

    zh: str
    en: str


SOURCES: dict[str, Source] = {
    "cumcm2020c": Source(
        "386 家中小微企业与 1,018,455 张增值税发票（2020 年数学建模竞赛 C 题）",
        "386 Chinese firms with 1,018,455 VAT invoices (CUMCM 2020, problem C)",
    ),
    "sba": Source("美国小企业管理局担保贷款（美元）", "US SBA guaranteed loans, in US dollars"),
    "berka": Source(
        "捷克银行账户、贷款与流水（PKDD 1999）", "Czech bank of PKDD 1999: accounts, loans"
    ),
    "amlsim": Source("AMLSim 模拟转账", "transfers simulated by AMLSim"),
    "amlworld": Source(
        "AMLworld 反洗钱转账数据（which=、labels=）", "transfers in the layout of AMLworld"
    ),
    "nbs": Source(
        "国家统计局分省数据（含版本）", "province statistics of China's NBS, with vintages"
    ),
    "hsr12306": Source(
        "12306 高速列车时刻表（车站、停站）", "12306 timetable of China's high-speed trains"
    ),
    "grid_carbon": Source(
        "各省电力碳排放因子（CodeCarbon 的 JSON）", "carbon of electricity by province (CodeCarbon)"
    ),
    "ashare_holders": Source(
        "A 股上市公司前十大股东（Tushare 版式）", "top holders of listed companies in China"
    ),
    "followthemoney": Source(
        "FollowTheMoney 实体（每行一个 JSON）", "FollowTheMoney entities, one JSON object a line"
    ),
    "ocds": Source(
        "公开采购数据标准 OCDS 的发布与记录（JSON、每行一个 JSON）",
        "OCDS releases and records of procurement, as JSON or one object a line",
    ),
    "wiod": Source(
        "世界投入产出表 WIOD（国家 × 行业矩阵）", "WIOD world input–output table, as matrices"
    ),
    "china_io": Source(
        "中国全国投入产出表（CSV）", "national input–output tables of China, as CSV"
    ),
    "world": Source("合成的区域经济（firms=、months=、seed=）", "a synthetic regional economy"),
}
"""The named sources. Besides, the name of any lake table is a source: a file of one's own."""
