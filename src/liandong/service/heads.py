"""What comes before the body of a request: not too much, and not too slowly."""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from liandong.service.problems import unread

MOST_BYTES = 1 << 16
"""Of the address and all headers, each :data:`AROUND` longer than its name and value."""
AROUND = 32
"""As HTTP/2 counts (RFC 9113, 6.5.2): so many short headers are too much, too."""
PATIENCE = 30.0
"""Seconds in which they have to come."""

END = b"content-type: application/problem+json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"


class TooMuchError(Exception):
    """Ends the reading of a request."""


class Heads(HttpToolsProtocol):
    """A connection of :mod:`uvicorn` that takes no head, and no trailer, without end."""

    _unread = True  # the head has not come as a whole
    _begun = False  # in the part that is being read
    _moved = False  # something else was told of the part that is being read
    _left = _raw_left = MOST_BYTES
    _late: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as uvicorn's
        """Wait for a first request."""
        super().connection_made(transport)
        self._late = self.loop.call_later(PATIENCE, self._turn_away, 408)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._in_time()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read a part; what is not taken apart yet counts as it is."""
        self._begun = self._moved = False
        super().data_received(data)
        if not self._unread:
            self._in_time()
            # Of a line behind a body nothing is told before it has come as a whole.
            self._raw_left = MOST_BYTES if self._moved else self._raw_left - len(data)
            if self._raw_left < 0:
                self._turn_away(431)
            return
        self._raw_left = MOST_BYTES if self._begun else self._raw_left - len(data)
        if self._raw_left < 0:
            self._turn_away(431)
        elif self._late is None:
            self._late = self.loop.call_later(PATIENCE, self._turn_away, 408)

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._unread = self._begun = True
        self._left = MOST_BYTES
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count a part of the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header, or one that follows a body."""
        self._count(len(name) + len(value) + AROUND)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Go on to the body."""
        self._unread, self._moved = False, True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of a request."""
        self._moved = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Say that a request is wrong, or that it was too much."""
        if self._left < 0:
            self._turn_away(431)
        else:
            super().send_400_response(msg)

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise TooMuchError

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _turn_away(self, status: int) -> None:
        self._in_time()
        if not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:  # not into another answer
                body = unread(status)
                self.transport.write(STATUS_LINE[status] + END % len(body) + body)
            self.transport.close()
