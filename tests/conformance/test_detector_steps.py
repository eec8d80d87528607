"""The steps of the detector hold the conventions, on a log with planted circles."""

import pytest

from liandong import trace
from liandong.errors import MissingExtraError
from liandong.step.extras import lightgbm
from liandong.testing import check_step
from liandong.trace import DetectRule, LearnRule
from support.flowlabels import planted
from support.need import missing


@pytest.fixture(scope="module")
def known():
    try:
        lightgbm()
    except MissingExtraError:
        missing("LightGBM", "pip install 'liandong[challenger]'")
    flow, label = planted(days=20, a_day=60, rings=60)
    feature = trace.features(flow)["flow_feature"]
    rule = LearnRule(trees=20, boots=50)
    return feature, label, rule, trace.learn(feature, label, rule=rule)


def test_learning_holds_the_conventions(known, tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    feature, label, rule, _ = known
    boards = [str(tmp_path / "s.board"), postgres_url]
    check_step(trace.learn, {"flow_feature": feature, "flow_label": label}, rule, boards=boards)


def test_detecting_holds_the_conventions(known, tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    feature, _, _, learnt = known
    given = {"flow_feature": feature, "rule": learnt["rule"]}
    boards = [str(tmp_path / "s.board"), postgres_url]
    check_step(trace.detect, given, DetectRule(every=True), boards=boards)
