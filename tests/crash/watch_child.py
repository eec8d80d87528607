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
MEMORY = 1 << 17
"""So little that subjects rest again and again."""
COMMITS, LATER = 3, 0.01
"""A process is killed within so many commits, and then so many seconds."""


def work(location, lake, file, rule, most, told=None):
    """Watch to the end; a byte tells of each commit that begins, and one of each that is over."""
    for room in (watching, live_room):
        room.PIECE_ROWS = 20 * most  # many files of the log, as in a long life
    source = FileSource(Path(file), most=most)
    with (
        ld.open(location, actor="watch", lake=lake) as board,
        Live(board, WATCH, source, rule, MEMORY) as w,
    ):
        if told is not None:
            commit = w._books.commit

            def telling(given):
                os.write(told, b".")
                commit(given)
                os.write(told, b".")

            w._books.commit = telling
        w.run()


def kill_after(steps, seconds, *given):
    """Work in a process of its own, and kill it; return whether that met it at work."""
    hear, tell = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(hear)
            work(*given, tell)
            code = 0
        finally:
            os._exit(code)
    os.close(tell)
    while steps and os.read(hear, 1):
        steps -= 1
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(hear)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("the watch ended in an error")
    return os.WIFSIGNALED(status)


def warm(location, lake, file, rule):
    """Load what has to be loaded, without a thread that a fork would lose."""
    events = FileSource(Path(file), most=100).read(None, 0).events
    Watcher(rule).take(live_room.seen_by(events, datetime.now(UTC)))
    ld.open(location, actor="watch", lake=lake).close()


def main(location, lake, file, rule_file, seed, kills, most):
    rule = WatchRule.from_toml(Path(rule_file).read_text("utf-8"))
    warm(location, lake, file, rule)
    drawn, met = random.Random(int(seed)), 0
    given = location, lake, file, rule, int(most)
    for _ in range(int(kills)):
        # A step is half a commit; without any it is met while it begins.
        met += kill_after(drawn.randrange(2 * COMMITS), drawn.uniform(0, LATER), *given)
    work(*given)
    sys.stdout.write(json.dumps({"kills": int(kills), "met": met}))


if __name__ == "__main__":
    main(*sys.argv[1:])
