"""An experiment with policy holds the conventions, on a small board of its own."""

from liandong.match import experiment
from liandong.testing import check_step
from support.sandbox import board, rule


def test_an_experiment_holds_the_conventions(tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = rule(demand="60%", periods=2, replications=2)
    check_step(experiment, board(9), asked, boards=[str(tmp_path / "s.board"), postgres_url])
