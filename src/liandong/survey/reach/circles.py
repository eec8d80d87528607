"""Circles by road: what places and people each city reaches within some minutes."""

from liandong.step import Tables, fold
from liandong.survey.reach.roads import roads, searched
from liandong.survey.reach.rules import CirclesRule
from liandong.survey.reach.told import told


@fold(
    reads=("place", "travel"),
    writes=("reach", "reach_time", "reach_summary", "reach_gap"),
    rule=CirclesRule,
    needs={"place": "load"},
)
def circles(tables: Tables, rule: CirclesRule) -> Tables:
    """Find the places and the people that each origin reaches by road, itself included.

    ``reach`` has a row for each origin and each region with origins (people within the limit of
    any of them); ``reach_time`` the places themselves, up to the largest limit; ``reach_summary``
    how many people and cities of a region lie within the limit of an origin, and how many cities
    another city reaches. A way told in one direction only goes both ways. Without ``travel`` times
    follow from the distance as the crow flies, and the summary says so. Places that do not hang
    together with the main part of the network, or have no position, are named in ``reach_gap``.

    Raises
    ------
    DataError
        If there is no origin, or ``travel`` names an unknown place or has no times.
    """
    ground, legs = roads(tables, rule)
    known = "" if len(tables["travel"]) else "survey.by_distance"
    return told(ground, searched(ground, legs, rule), rule.limits, known)
