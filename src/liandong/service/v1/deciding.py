"""What several people decide together: approvals, powers that are asked for, cases of alerts."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, StrictBool, StrictInt
from starlette.concurrency import run_in_threadpool

from liandong.console import casedesk
from liandong.console.posted import object_of
from liandong.console.query import LONGEST
from liandong.console.reading import Reader
from liandong.errors import NotFoundError
from liandong.schema.field import MONEY_MOST
from liandong.service.v1.once import repeatable
from liandong.service.v1.saying import about, body, done, whole
from liandong.step.registry import step
from liandong.texts import both


class Proposal(BaseModel, extra="forbid"):
    """What is to be approved by somebody else."""

    step: str = Field(max_length=100, examples=["settle.book"])


class Decision(BaseModel, extra="forbid"):
    """What is decided."""

    approve: StrictBool
    reason: str = Field("", max_length=casedesk.LONGEST_TEXT)


class Wish(BaseModel, extra="forbid"):
    """What somebody wants to do, and needs the agreement of others for."""

    action: str = Field(min_length=1, max_length=LONGEST)
    subject: str = Field("", max_length=LONGEST)
    amount: StrictInt | None = Field(None, ge=0, le=MONEY_MOST, description="fen")
    evidence: dict[str, str] = Field({}, description="SHA-256 of documents by kind")


class Refusal(BaseModel, extra="forbid"):
    """Why a request is declined."""

    reason: str = Field(min_length=1, max_length=casedesk.LONGEST_TEXT, pattern=r"\S")


def deciding(router: APIRouter, reader: Reader) -> None:
    """Add proposals, decisions, and requests for powers."""

    @router.post("/proposals", **about("propose", "govern", status=201))
    @repeatable
    def propose(request: Request, body: Proposal) -> Response:
        """Ask for approval of what a step would act on."""
        action = f"propose.{body.step}"
        board = whole(request, reader, action).may(action).board
        case_id = board.propose(step(body.step))
        return done({"case_id": case_id}, 201, Location=f"/v1/tables/case/row?case_id={case_id}")

    @router.post("/cases/{case_id}/decide", **about("decide", "govern"))
    def decide(request: Request, body: Decision) -> Response:
        """Approve or reject a proposal that somebody else made."""
        case_id = request.path_params["case_id"]
        reader.of(request.state.caller).now().need("case", case_id=case_id)
        board = reader.of(request.state.caller).board
        board.decide(case_id, approve=body.approve, reason=body.reason)
        return done(board.store.books.rows("case", case_id=case_id)[0])

    @router.post("/cases/{case_id}/withdraw", **about("withdraw", "govern"))
    def withdraw(request: Request) -> Response:
        """Take back a proposal that one made oneself and nobody has decided."""
        case_id = request.path_params["case_id"]
        bound = reader.of(request.state.caller)
        bound.now().need("case", case_id=case_id)
        bound.board.withdraw(case_id)
        return done(bound.board.store.books.rows("case", case_id=case_id)[0])

    @router.post("/powers/ask", **about("ask", "govern", status=201))
    def ask(request: Request, body: Wish) -> Response:
        """Ask others to agree that one does something; the answer has the number of the act."""
        powers = reader.of(request.state.caller).board.powers
        act = powers.ask(body.action, body.subject, body.amount, body.evidence)
        return done({"act": act}, 201)

    @router.post("/powers/{act}/agree", **about("agree", "govern"))
    def agree(request: Request) -> Response:
        """Agree to what somebody else asked."""
        return done({"act": reader.of(request.state.caller).board.powers.agree(_act(request))})

    @router.post("/powers/{act}/decline", **about("decline", "govern"))
    def decline(request: Request, body: Refusal) -> Response:
        """Decline what somebody asked, or take one's own request back."""
        powers = reader.of(request.state.caller).board.powers
        return done({"act": powers.decline(_act(request), body.reason)})


def _act(request: Request) -> int:
    word = request.path_params["act"]
    if not (word.isascii() and word.isdigit() and len(word) < 10):
        remedy = both("advice.powers_inbox")
        raise NotFoundError(kind=both("kind.power_asked"), name=word, remedy=remedy)
    return int(word)


class Queue(BaseModel):
    """Of which queue."""

    queue: str | None = Field(None, max_length=LONGEST)


class Work(BaseModel, extra="allow"):
    """What is said of a case, as its verb wants it."""

    seen: StrictInt | None = Field(None, ge=1, le=10**9, description="number of its last act known")


def working(router: APIRouter, reader: Reader) -> None:
    """Add the cases of alerts."""

    @router.get("/cases/{case_id}", **about("case", "watch"))
    def case(request: Request) -> Response:
        """Return a case with its acts; the ETag is the number of the last one, for If-Match."""
        found = casedesk.seen(reader.of(request.state.caller), request.path_params["case_id"])
        return done(found, ETag=f'"{found["seq"]}"')

    async def work(request: Request) -> Response:
        given, found = await object_of(request), reader.of(request.state.caller)
        mark = request.headers.get("if-match", "").removeprefix("W/").strip('"')
        if mark and mark != "*":
            given["seen"] = mark
        parts = request.path_params or {"verb": request.url.path.rpartition("/")[2]}
        return done(await run_in_threadpool(casedesk.act, found, parts, given))

    for path, name, schema in (
        ("/cases/open", "open_cases", {"type": "object"}),
        ("/cases/balance", "balance_cases", Queue.model_json_schema()),
        ("/cases/{case_id}/{verb}", "work", Work.model_json_schema()),
    ):
        said = body(schema, needed=False)
        router.add_api_route(path, work, methods=["POST"], **said, **about(name, "watch"))
