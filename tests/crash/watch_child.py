"""A watch that is killed again and again; started by the crash tests and the benchmark.

``python watch_child.py LOCATION LAKE FILE RULE SEED KILLS MOST``: prints how many kills there were,
and how many of them met a process at work. One process has everything loaded, and forks those that
are killed, so that these need not start from nothing.
"""

import json
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import liandong as ld
from liandong.delivery import live as live_room
from liandong.delivery.files import FileSource
from liandong.delivery.live import Live
from liandong.store import watching
from liandong.watch.live.rule import WatchRule
from liandong.watch.live.watcher import Watcher

WATCH = "killed"
SHORTEST, LONGEST = 0.02, 0.25
"""Seconds after which a process is killed."""


def work(location, lake, file, rule, most):
    for room in (watching, live_room):
        room.PIECE_ROWS = 20 * most  # many files of the log, as in a long life
    source = FileSource(Path(file), most=most)
    with (
        ld.open(location, actor="watch", lake=lake) as board,
        Live(board, WATCH, source, rule) as w,
    ):
        w.run()


def kill_after(seconds, *given):
    """Work in a process of its own, and kill it; return whether that met it at work."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work(*given)
            code = 0
        finally:
            os._exit(code)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("the watch ended in an error")
    return os.WIFSIGNALED(status)


def warm(file, rule):
    """Load what has to be loaded, without a thread that a fork would lose."""
    events = FileSource(Path(file), most=100).read(None, 0).events
    Watcher(rule).take(live_room.seen_by(events, datetime.now(UTC)))


def main(location, lake, file, rule_file, seed, kills, most):
    rule = WatchRule.from_toml(Path(rule_file).read_text("utf-8"))
    warm(file, rule)
    drawn, met = random.Random(int(seed)), 0
    given = location, lake, file, rule, int(most)
    for _ in range(int(kills)):
        met += kill_after(drawn.uniform(SHORTEST, LONGEST), *given)
    work(*given)
    sys.stdout.write(json.dumps({"kills": int(kills), "met": met}))


if __name__ == "__main__":
    main(*sys.argv[1:])
