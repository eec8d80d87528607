"""Journeys by a timetable: how long from every station to every other, and who lives in reach."""

from liandong.step import Tables, fold
from liandong.survey.reach.rails import rails, travelled
from liandong.survey.reach.rules import ArrivalsRule
from liandong.survey.reach.told import told


@fold(
    reads=("station", "stop_time", "place"),
    writes=("reach", "reach_time", "reach_summary", "reach_gap"),
    rule=ArrivalsRule,
    needs={"station": "load", "stop_time": "load"},
)
def arrivals(tables: Tables, rule: ArrivalsRule) -> Tables:
    """Find the fastest journey by train between all stations, or the earliest from a given time.

    Trips run every day and may run past midnight; a journey may wait for trains of the next day.
    Where several are as fast, that with the fewest changes, and then the earliest counts. Places
    of ``place`` belong to the nearest station with trains, if it is near: their people are those
    whom a journey to the station reaches. The way to the station takes no time here. Stations
    without trains or in another part of the network, and places far from any station, are named
    in ``reach_gap``.

    Raises
    ------
    DataError
        If a stop names an unknown station, or a trip arrives before it departed.
    """
    ground, timetable = rails(tables, rule)
    known = "survey.between_stations" if rule.between else ""
    return told(ground, travelled(ground, timetable, rule), rule.limits, known)
