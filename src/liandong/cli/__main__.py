"""``python -m liandong.cli``."""

from liandong.cli.main import run

run()
