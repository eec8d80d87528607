"""Taking events in a process of its own: whoever sends them does not wait for those that judge."""

import gc
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import IO, cast

from liandong.errors import StorageError
from liandong.service.intake import Intake, create_intake
from liandong.service.lane import Lane
from liandong.service.serve import port_taken, server_of
from liandong.store.spool import Spool
from liandong.texts import both

TELL = 0.2
"""Seconds after which the figures of a watch are told anew to the process that shows them."""
SWITCH = 0.0005
"""Seconds after which a thread lets another one go on."""
LONGEST = 10
"""Seconds that it may take to end."""


@contextmanager
def apart(
    folder: Path, port: int, figures: Callable[[], str], behind: Callable[[], int]
) -> Iterator[Callable[[], bool]]:
    """Take events over HTTP into a spool while something else is done; yields if that still goes.

    The process ends with the one that began it, however that ends.

    Parameters
    ----------
    folder
        Of the spool.
    port
        Where to listen, on this machine.
    figures, behind
        As :func:`.create_intake` takes them.

    Raises
    ------
    UsageError
        If the port is not free.
    StorageError
        If nothing can be written there.
    """
    over = Event()
    with port_taken(port, open_now=False) as listening:
        handed = listening.fileno()
        child = subprocess.Popen(
            [sys.executable, "-m", __name__, str(folder), str(handed)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=[handed],
            start_new_session=True,  # an interrupt is for the one that began it
        )  # fmt: skip
    to, said = cast("IO[str]", child.stdin), cast("IO[str]", child.stdout)
    with said:
        if not said.readline():
            with to:
                child.wait()
            raise ended(folder)
    telling = Thread(target=_tell, args=(to, over, figures, behind), name="tell")
    telling.start()
    try:
        yield lambda: child.poll() is None
    finally:
        over.set()
        telling.join()
        try:
            child.wait(LONGEST)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def ended(folder: Path) -> StorageError:
    """Return the error that events are no longer taken into a spool."""
    return StorageError(board=str(folder), what=both("fault.intake_ended"))


def _tell(to: IO[str], over: Event, figures: Callable[[], str], behind: Callable[[], int]) -> None:
    """Tell the figures again and again; that nobody tells any more is the sign to end."""
    try:
        with to:
            while not over.wait(TELL):
                to.write(json.dumps([figures(), behind()]) + "\n")
                to.flush()
    except BrokenPipeError:
        return  # it has ended, as whoever began it sees


class _Heard:
    """What was told last."""

    def __init__(self) -> None:
        self._figures, self._behind = "", 0

    def figures(self) -> str:
        return self._figures

    def behind(self) -> int:
        return self._behind

    def listen(self, told: IO[str], end: Callable[[], None]) -> None:
        for line in told:
            self._figures, self._behind = json.loads(line)
        end()


def _serve(folder: Path, listening: socket.socket) -> None:
    # Who writes to the disk shall not keep the answers waiting: 5 ms would be most of their time.
    sys.setswitchinterval(SWITCH)
    heard = _Heard()
    with closing(Spool(folder)) as spool, listening:
        app = create_intake(Intake(spool, heard.behind), heard.figures)
        server = server_of(app, http=Lane)

        def end() -> None:
            server.should_exit = True

        Thread(target=heard.listen, args=(sys.stdin, end), daemon=True).start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        gc.freeze()  # nor shall who collects garbage, by going over all that is there for good
        server.run([listening])


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))
