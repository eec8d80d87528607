"""A process that dies at a chosen point of a load or a run; started by the crash tests.

``python child.py POINT WORK LOCATION LAKE FILE``
"""

import os
import signal
import sys

import liandong as ld
from liandong.store import acts, lake, store


def die(*_args, **_kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(function):
    def wrapped(*args, **kwargs):
        function(*args, **kwargs)
        die()

    return wrapped


def die_when_closing(function):
    def wrapped(c, actor, action, subject, body):
        if action == "run.done":
            die()
        return function(c, actor, action, subject, body)

    return wrapped


def arm(point):
    if point == "begun":
        store.Store.begin = then_die(store.Store.begin)
    elif point == "file_written":
        lake._write_file = then_die(lake._write_file)
    elif point == "snapshot_named":
        lake.Lake.write = then_die(lake.Lake.write)
    elif point == "inside_commit":
        acts.record = die_when_closing(acts.record)
    elif point == "committed":
        store.Store.finish = then_die(store.Store.finish)


def main(point, work, location, lake_folder, file):
    board = ld.open(location, actor="child", lake=lake_folder)
    if work == "run":
        board.load("region_stat", file)
    arm(point)
    if work == "load":
        board.load("region_stat", file)
    else:
        board.run(ld.survey.gap)


if __name__ == "__main__":
    main(*sys.argv[1:])
