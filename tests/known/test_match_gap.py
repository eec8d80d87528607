"""Generalised assignment from the OR-Library: the proved optima of sets A and C."""

from importlib.util import module_from_spec, spec_from_file_location

import pytest

from liandong.match.core.assign import assign
from support.data import dataset
from support.source import ROOT

_SPEC = spec_from_file_location("match_gap", ROOT / "benchmarks" / "match_gap.py")
gap = module_from_spec(_SPEC)
_SPEC.loader.exec_module(gap)


@pytest.mark.parametrize(("kind", "number"), [("a", n) for n in range(6)] + [("c", 0)])
def test_proved_optimum(kind, number):
    jobs = list(gap.read(dataset("orlib_gap") / f"gap{kind}.txt"))[number]
    found = assign(jobs.problem(), gap=0)
    assert jobs.spent(found) == jobs.least(found) == gap.KNOWN[kind][number]


@pytest.mark.parametrize("kind", ["a", "c"])
def test_the_search_alone_comes_close(kind, monkeypatch):
    """Without the solver of integer programs: every job is done, and the bound is one."""
    monkeypatch.setattr("liandong.match.core.assign.MIDDLE", 0)
    for jobs, best in zip(
        gap.read(dataset("orlib_gap") / f"gap{kind}.txt"), gap.KNOWN[kind], strict=True
    ):
        if not best or jobs.cost.size <= 400:
            continue
        found = assign(jobs.problem(), gap=0)
        cost = jobs.spent(found)
        assert cost is not None
        assert jobs.least(found) <= best <= cost <= 1.1 * best
