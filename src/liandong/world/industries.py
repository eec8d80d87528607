"""Industries after GB/T 4754 with the traits that make them differ in the world."""

from typing import NamedTuple

import numpy as np

from liandong.world.arrays import Floats


class Industry(NamedTuple):
    """One industry; the figures are round numbers for a plausible economy, not statistics.

    Attributes
    ----------
    code
        GB/T 4754 section letter and division.
    zh, en
        The word for it in the names of firms.
    weight
        Share of firms, per thousand.
    stage
        Place in the chain, 0 upstream to 5 next to the consumer.
    to_firms
        Share of sales to other firms.
    vat
        VAT rate of general taxpayers in ppm.
    power
        Electricity, kWh per 1,000 yuan of sales.
    season
        How strongly the seasons swing, 1 for the average.
    inventive
        Share of firms with patents.
    """

    code: str
    zh: str
    en: str
    weight: int
    stage: float
    to_firms: float
    vat: int
    power: float
    season: float
    inventive: float


INDUSTRIES = (
    Industry("A01", "农业", "Agriculture", 60, 0.0, 0.75, 90_000, 20, 1.4, 0.03),
    Industry("B06", "矿业", "Mining", 15, 0.0, 0.95, 130_000, 90, 0.7, 0.05),
    Industry("C13", "食品", "Foods", 55, 2.0, 0.65, 130_000, 40, 1.2, 0.10),
    Industry("C17", "纺织", "Textiles", 45, 1.0, 0.90, 130_000, 80, 0.9, 0.10),
    Industry("C18", "服饰", "Apparel", 40, 2.5, 0.60, 130_000, 25, 1.3, 0.08),
    Industry("C26", "化工", "Chemicals", 40, 1.0, 0.92, 130_000, 120, 0.6, 0.25),
    Industry("C29", "塑胶", "Plastics", 40, 1.5, 0.90, 130_000, 85, 0.8, 0.15),
    Industry("C30", "建材", "Building Materials", 45, 1.0, 0.85, 130_000, 110, 1.1, 0.10),
    Industry("C33", "金属", "Metal Products", 55, 1.5, 0.90, 130_000, 75, 0.8, 0.15),
    Industry("C34", "机械", "Machinery", 65, 2.0, 0.90, 130_000, 35, 0.8, 0.35),
    Industry("C36", "汽车部件", "Auto Parts", 35, 2.5, 0.90, 130_000, 45, 0.9, 0.30),
    Industry("C38", "电气", "Electric", 50, 2.0, 0.88, 130_000, 35, 0.9, 0.40),
    Industry("C39", "电子", "Electronics", 60, 2.5, 0.85, 130_000, 40, 0.9, 0.50),
    Industry("E47", "建设工程", "Construction", 70, 4.0, 0.55, 90_000, 15, 1.3, 0.05),
    Industry("F51", "商贸", "Trading", 95, 3.5, 0.85, 130_000, 5, 1.0, 0.01),
    Industry("F52", "百货", "Retail", 70, 5.0, 0.15, 130_000, 12, 1.5, 0.01),
    Industry("G54", "物流", "Logistics", 45, 3.0, 0.85, 90_000, 12, 1.0, 0.03),
    Industry("H62", "餐饮", "Catering", 35, 5.0, 0.10, 60_000, 30, 1.4, 0.01),
    Industry("I65", "软件", "Software", 35, 3.0, 0.70, 60_000, 8, 0.8, 0.55),
    Industry("K70", "置业", "Property", 15, 5.0, 0.10, 90_000, 8, 1.1, 0.00),
    Industry("L72", "企业管理", "Business Services", 20, 3.0, 0.85, 60_000, 6, 0.7, 0.05),
    Industry("M75", "科技", "Technology", 10, 2.5, 0.80, 60_000, 10, 0.7, 0.60),
)

CODES = [i.code for i in INDUSTRIES]
PROPERTY = CODES.index("K70")
CONSTRUCTION = CODES.index("E47")


def trait(name: str) -> Floats:
    """Return one numeric trait of all industries in order."""
    return np.array([getattr(i, name) for i in INDUSTRIES], np.float64)


def affinity() -> Floats:
    """Return how well each industry (row) sells to each other one: best one stage down."""
    stage = trait("stage")
    return np.asarray(np.exp(-np.abs(stage[None, :] - stage[:, None] - 1.0)))
