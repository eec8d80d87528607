"""Names in Chinese and English, and unified social credit codes, drawn by code."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from liandong.schema.provinces import Province
from liandong.types import CREDIT_CODE_ALPHABET
from liandong.world.arrays import Bools, Ints, fixed_text, pick
from liandong.world.industries import INDUSTRIES


class Words(NamedTuple):
    """Words in Chinese characters and in pinyin."""

    han: list[str]
    pinyin: list[str]


def _words(text: str) -> Words:
    """Read words written as characters followed by pinyin."""
    parts = text.split()
    han = ["".join(c for c in p if not c.isascii()) for p in parts]
    return Words(han, [p[len(h) :] for p, h in zip(parts, han, strict=True)])


BRAND = _words(
    "恒heng 泰tai 华hua 盛sheng 兴xing 隆long 昌chang 瑞rui 祥xiang 福fu 安an 宁ning 康kang 达da "
    "通tong 远yuan 鸿hong 鹏peng 腾teng 飞fei 嘉jia 源yuan 润run 丰feng 裕yu 汇hui 聚ju 联lian "
    "合he 信xin 诚cheng 德de 仁ren 义yi 和he 正zheng 明ming 光guang 辉hui 耀yao 星xing 辰chen "
    "海hai 川chuan 江jiang 峰feng 岳yue 林lin 森sen 松song 柏bai 青qing 云yun 晨chen 朗lang "
    "博bo 智zhi 创chuang 新xin 科ke 凯kai 卓zhuo 越yue 锦jin 绣xiu 金jin 银yin 玉yu"
)
SURNAME = _words(
    "王Wang 李Li 张Zhang 刘Liu 陈Chen 杨Yang 黄Huang 赵Zhao 吴Wu 周Zhou 徐Xu 孙Sun 马Ma 朱Zhu "
    "胡Hu 郭Guo 何He 高Gao 林Lin 罗Luo 郑Zheng 梁Liang 谢Xie 宋Song 唐Tang 许Xu 邓Deng 冯Feng "
    "韩Han 曹Cao 曾Zeng 彭Peng 萧Xiao 蔡Cai 潘Pan 田Tian 董Dong 袁Yuan 于Yu 余Yu 叶Ye 蒋Jiang"
)
GIVEN = _words(
    "伟wei 芳fang 娜na 敏min 静jing 丽li 强qiang 磊lei 军jun 洋yang 勇yong 艳yan 杰jie 娟juan "
    "涛tao 明ming 超chao 霞xia 平ping 刚gang 桂gui 英ying 华hua 玲ling 辉hui 鑫xin 波bo 斌bin "
    "宇yu 浩hao 凯kai 健jian 俊jun 帆fan 雪xue 琳lin 晨chen 洁jie 晓xiao 志zhi 文wen 海hai"
)
BANKS = _words(
    "联江Lianjiang 东岭Dongling 南浦Nanpu 西川Xichuan 北原Beiyuan 中和Zhonghe 海门Haimen "
    "云溪Yunxi 长岗Changgang 平湾Pingwan"
)


class Names(NamedTuple):
    """Names in Chinese and in English."""

    zh: pa.Array
    en: pa.Array


def _join(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def firm_names(
    provinces: list[Province], region: Ints, industry: Ints, large: Bools, rng: Generator
) -> Names:
    """Return names of the form region + brand + industry + legal form; ``large`` ones are listed.

    Parameters
    ----------
    provinces
        What ``region`` points into.
    region, industry, large
        One entry a firm.
    rng
        Draws brand and form.
    """
    rows = len(region)
    first, second = rng.integers(0, len(BRAND.han), (2, rows))
    form = np.where(large, 2, (rng.random(rows) < 0.15).astype(np.int64))
    zh = _join(
        pick([p.short for p in provinces], region), pick(BRAND.han, first), pick(BRAND.han, second),
        pick([i.zh for i in INDUSTRIES], industry),
        pick(["有限公司", "有限责任公司", "股份有限公司"], form),
    )  # fmt: skip
    en = _join(
        pick([f"{p.en} " for p in provinces], region),
        pick([p.capitalize() for p in BRAND.pinyin], first),
        pick([f"{p} " for p in BRAND.pinyin], second),
        pick([i.en for i in INDUSTRIES], industry),
        pick([" Co., Ltd.", " Co., Ltd.", " Corp., Ltd."], form),
    )  # fmt: skip
    return Names(zh, en)


def person_names(rows: int, rng: Generator) -> Names:
    """Return names of people: surname and one or two given characters; English in pinyin."""
    surname, first, second = (
        rng.integers(0, len(w.han), rows) for w in (SURNAME, GIVEN, GIVEN)
    )  # fmt: skip
    second = np.where(rng.random(rows) < 0.25, -1, second)
    zh = _join(
        pick(SURNAME.han, surname), pick(GIVEN.han, first),
        pc.fill_null(pick(GIVEN.han, second), ""),
    )  # fmt: skip
    en = _join(
        pick([f"{p} " for p in SURNAME.pinyin], surname),
        pick([p.capitalize() for p in GIVEN.pinyin], first),
        pc.fill_null(pick(GIVEN.pinyin, second), ""),
    )  # fmt: skip
    return Names(zh, en)


def bank_names() -> Names:
    """Return the names of the banks of the world; none of them exists."""
    zh, en = [f"{h}银行股份有限公司" for h in BANKS.han], [f"{p} Bank" for p in BANKS.pinyin]
    return Names(pa.array(zh), pa.array(en))


BODY = 8
SCRAMBLE = 387_420_489
"""A power of 3, so prime to 31: multiplying by it shuffles the bodies without meeting twice."""
ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
CODE_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)])
LETTERS = np.frombuffer(CREDIT_CODE_ALPHABET.encode(), np.uint8)
ORDINARY = np.array([int(c, 36) for c in CREDIT_CODE_ALPHABET])
"""What a character counts in GB 11714: digits as themselves, A is 10, Z is 35."""


def credit_codes(adcodes: list[str], region: Ints, office: str, rng: Generator) -> pa.Array:
    """Return distinct unified social credit codes with right check digits.

    Parameters
    ----------
    adcodes
        What ``region`` points into.
    region
        One entry a code.
    office
        Two characters: registering office and kind of organisation, ``91`` for enterprises.
    rng
        Draws where the organisation codes start.

    Notes
    -----
    GB 32100-2015; characters 9 to 17 are the organisation code of GB 11714-1997: eight
    characters of weights 3, 7, 9, 10, 5, 8, 4, 2 and C9 = 11 - sum mod 11 (10 is X, 11 is 0).
    """
    rows, space = len(region), 31**BODY
    number = (np.arange(rows) * SCRAMBLE + rng.integers(space)) % space
    body = number[:, None] // 31 ** np.arange(BODY - 1, -1, -1) % 31
    ninth = -(ORDINARY[body] @ ORGANISATION_WEIGHTS) % 11
    x = CREDIT_CODE_ALPHABET.index("X")
    heads = np.array([[CREDIT_CODE_ALPHABET.index(c) for c in office + a] for a in adcodes])
    code = np.column_stack([heads[region], body, np.where(ninth == 10, x, ninth)])
    check = -(code @ CODE_WEIGHTS) % 31
    return fixed_text(LETTERS[np.column_stack([code, check])])
