"""A client of the API: the tables, steps and books of a board that is served elsewhere.

>>> from liandong.client import Client
>>> Client("http://127.0.0.1:8000", lang="zh").url
'http://127.0.0.1:8000'
"""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from liandong import errors
from liandong.errors import LiandongError, MissingExtraError

if TYPE_CHECKING:
    import httpx
    import pyarrow as pa

Row = dict[str, Any]
"""One row by field name: money in fen, rates in ppm, days and times as text in ISO form."""
PAGE = 1_000
TRIES = 5
"""How often something is asked at most."""
AGAIN = frozenset({423, 429, 502, 503, 504})
"""Statuses after which the same is asked again."""


class Client:
    """A board over HTTP.

    Parameters
    ----------
    url
        Address of the service, such as ``https://board.example``.
    token
        API token, if one has to log in.
    lang
        ``zh`` or ``en``: of problems and texts.
    timeout
        Seconds that an answer may take.

    Raises
    ------
    MissingExtraError
        Without ``httpx``, which the extra ``client`` brings.
    """

    def __init__(self, url: str, *, token: str = "", lang: str = "en", timeout: float = 60) -> None:
        try:
            import httpx
        except ImportError as error:
            raise MissingExtraError(package="httpx", extra="client") from error
        self.url = url.rstrip("/")
        own = {"Authorization": f"Bearer {token}"} if token else {}
        headers = {"Accept": "application/json", "Accept-Language": lang, **own}
        self._lang = lang
        self._lost = httpx.TransportError
        self._http = httpx.Client(base_url=f"{self.url}/v1", headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def get(self, path: str, **asked: Any) -> Row:  # noqa: ANN401 - parameters of an address
        """Return any resource below ``/v1``, such as ``/alerts`` with ``level="red"``.

        Raises
        ------
        LiandongError
            As the service refuses it: NotFoundError, RefusedError, UsageError …
        """
        found: Row = self._ask("GET", path, params=asked).json()
        return found

    def table(
        self, name: str, *, fields: Sequence[str] = (), sort: str = "", **filters: object
    ) -> Iterator[Row]:
        """Yield the rows of a table, page by page.

        Parameters
        ----------
        fields
            Fields of each row; all without any.
        sort
            A field to order by, before the key.
        **filters
            Values by field; ``field__from``, ``field__to`` and ``field__prefix`` are bounds.
        """
        return self._pages(f"/tables/{name}", fields=",".join(fields), sort=sort, **_asked(filters))

    def arrow(self, name: str, **filters: object) -> "pa.Table":
        """Return a table, or the rows that :meth:`table` would give, as Arrow."""
        import pyarrow as pa

        asked = {"format": "arrow", **_asked(filters)}
        answer = self._ask("GET", f"/tables/{name}", params=asked)
        return pa.ipc.open_stream(answer.content).read_all()

    def row(self, name: str, **key: object) -> Row:
        """Return the row of a table with this key."""
        return self.get(f"/tables/{name}/row", **key)

    def why(self, name: str, **key: object) -> Row:
        """Return a row with its reasons in words, run, rule, inputs, approval and log proof."""
        return self.get(f"/tables/{name}/row/why", **key)

    def cases(self, **filters: object) -> Iterator[Row]:
        """Yield the cases of alerts, page by page; filters as of :meth:`table`."""
        return self._pages("/cases", **_asked(filters))

    def alerts(self, **asked: object) -> Iterator[Row]:
        """Yield those whom alerts are about, the gravest first, each with its ``alerts``.

        Parameters
        ----------
        **asked
            ``level``, ``code``, ``party``, ``region``, ``industry``, ``on``.
        """
        return self._pages("/alerts", **asked)

    def _pages(self, path: str, **asked: object) -> Iterator[Row]:
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(path, cursor=cursor, limit=PAGE, **asked)
            yield from page["rows"]
            cursor = page["next"]

    # ── doing ────────────────────────────────────────────────────────────────────────────────

    def post(self, path: str, body: Mapping[str, Any], **headers: str) -> Row:
        """Do something below ``/v1`` once, even if the answer is lost and it is asked again."""
        done: Row = self._ask("POST", path, json=body, headers=headers).json()
        return done

    def run(self, step: str, *, dry_run: bool = False, **values: object) -> Row:
        """Run a step, with values of its rule, wait for it, and return its run."""
        return self.post("/runs", {"step": step, "values": values, "dry_run": dry_run})

    def start(self, step: str, *, dry_run: bool = False, **values: object) -> Row:
        """Have a step run by itself, as a job, and return that: for runs that take long.

        Its ``job_id`` is what :meth:`wait` takes; what is wrong with the values is said at once.
        """
        body = {"step": step, "values": values, "dry_run": dry_run}
        return self.post("/runs", body, Prefer="respond-async")

    def wait(self, job_id: str, *, every: float = 1) -> Row:
        """Return a job when it is done; its ``run`` is the id of the run.

        Parameters
        ----------
        every
            Seconds from one look to the next.

        Raises
        ------
        ProblemError
            If it ended otherwise: it failed, was cancelled, or broke off.
        """
        while (job := self.get(f"/jobs/{quote(job_id, safe='')}"))["ended_at"] is None:
            time.sleep(every)
        if job["state"] != "done":
            raise ProblemError(detail=job[f"error_{self._lang}"] or job["state"], problem=job)
        return job

    def try_step(
        self,
        step: str,
        tables: Mapping[str, Sequence[Row]],
        *,
        board: Sequence[str] = (),
        **values: object,
    ) -> dict[str, list[Row]]:
        """Return what a step makes of rows by table; nothing is written.

        Parameters
        ----------
        board
            Tables that are taken from the board.
        **values
            Of the rule.
        """
        body = {"tables": dict(tables), "board": list(board), "values": values}
        found: dict[str, list[Row]] = self.post(f"/steps/{step}/try", body)["tables"]
        return found

    def transfers(self, entries: Sequence[Row]) -> dict[str, str]:
        """Post entries to the ledger in order; return the result of each by its id."""
        done = self.post("/ledger/transfers", {"entries": list(entries)})["results"]
        return {r["entry_id"]: r["result"] for r in done}

    def load(
        self, table: str, path: str | Path, *, mapping: str = "", sheet: str = "",
        dry_run: bool = False,
    ) -> Row:  # fmt: skip
        """Load a CSV, Excel or Parquet file into a table; return the run with the refused rows.

        Parameters
        ----------
        mapping
            As of a mapping file, in JSON.
        sheet
            Of a workbook; the first if empty.
        """
        file = Path(path)
        asked = {"table": table, "name": file.name, "mapping": mapping, "sheet": sheet,
                 "dry_run": dry_run}  # fmt: skip
        kind = {"Content-Type": "application/octet-stream"}
        done: Row = self._ask(
            "POST", "/loads", params=asked, content=file.read_bytes(), headers=kind
        ).json()
        return done

    def act(self, case_id: str, verb: str, *, seen: int | None = None, **said: object) -> Row:
        """Work on a case of alerts: ``note``, ``assign``, ``propose`` and so on.

        Parameters
        ----------
        seen
            Number of its last act that one knows; ChangedError if somebody has acted since.
        """
        body = said if seen is None else {**said, "seen": seen}
        return self.post(f"/cases/{quote(case_id, safe='')}/{verb}", body)

    def _ask(self, method: str, path: str, **sent: Any) -> "httpx.Response":  # noqa: ANN401 - of httpx
        """Ask until there is an answer; all tries of a change have the same key."""
        if method == "POST":
            sent["headers"] = {**sent.get("headers", {}), "Idempotency-Key": uuid.uuid4().hex}
        for left in range(TRIES - 1, -1, -1):
            try:
                answer = self._http.request(method, path, **sent)
            except self._lost:
                if not left:
                    raise
                time.sleep(1)
                continue
            wait = answer.headers.get("retry-after", "")
            if left and answer.is_error and (answer.status_code in AGAIN or wait):
                time.sleep(float(wait) if wait.isdigit() else 1)
                continue
            if answer.is_error:
                raise _error(answer)
            return answer
        raise AssertionError  # the last try returns or raises


def _asked(filters: Mapping[str, object]) -> dict[str, str]:
    """Return filters as an address has them."""
    return {f"f.{n.replace('__', '.')}": str(v) for n, v in filters.items()}


class ProblemError(LiandongError):
    """What a service said is wrong. Parameters: ``detail``, ``problem``.

    It is an error of the tree, too, of the kind that the problem names.
    """

    zh = en = "{detail}"


@cache
def _kinds() -> dict[str, type[LiandongError]]:
    """Return the errors by code."""
    kinds = [k for k in vars(errors).values() if isinstance(k, type)]
    return {k.code: k for k in reversed(kinds) if issubclass(k, LiandongError)}


def _error(answer: "httpx.Response") -> LiandongError:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    code = str(problem.get("type", "")).rpartition(":")[2]
    kind = _kinds().get(code, LiandongError)
    about = {"__module__": __name__, "code": code or "error", "http_status": answer.status_code}
    bases = (ProblemError,) if kind is LiandongError else (ProblemError, kind)
    made: type[LiandongError] = type(kind.__name__, bases, about)
    return made(detail=problem.get("detail", answer.text[:200]), problem=problem)
