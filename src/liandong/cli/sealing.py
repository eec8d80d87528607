"""The log of acts on the command line: keys, sealing, proofs, witnesses."""

from base64 import b64encode
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liandong.cli import show
from liandong.cli.do import Json
from liandong.cli.show import say
from liandong.cli.values import number_of, text_of, write_secret
from liandong.config import settings_now
from liandong.errors import CheckError, RefusedError, UsageError
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.govern.log.checkpoints import Checkpoint
    from liandong.govern.log.notes import Key, Signer
    from liandong.store.witness import Witness


class Action(StrEnum):
    """What to do."""

    SHOW = "show"
    KEY = "key"
    SEAL = "seal"
    PROOF = "proof"
    ENTRY = "entry"
    VERIFY = "verify"
    ASK = "ask"
    WITNESS = "witness"
    COSIGN = "cosign"
    ERASE = "erase"


def log(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.SHOW,
    what: Annotated[
        str,
        typer.Argument(help="key: its name; proof, entry, erase: number of the act; else file."),
    ] = "",
    entry: Annotated[Path | None, typer.Argument(help="verify: the bytes of the entry.")] = None,
    key_file: Annotated[Path | None, typer.Option(help="Signing key; LIANDONG_LOG_KEY.")] = None,
    key: Annotated[list[str] | None, typer.Option(help="Keys trusted: name+id+key.")] = None,
    witnesses: Annotated[
        int, typer.Option(help="seal, cosign, verify: so many must have signed.", min=0)
    ] = 0,
    at: Annotated[
        list[str] | None, typer.Option(help="seal, cosign: addresses of witnesses to ask.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="witness: answer over HTTP here.", min=1, max=65535)
    ] = None,
    since: Annotated[int, typer.Option(help="ask: entries the witness has seen.", min=0)] = 0,
    folder: Annotated[Path | None, typer.Option(help="witness: where it remembers.")] = None,
    witness: Annotated[bool, typer.Option("--witness", help="key: of a witness.")] = False,
    reason: Annotated[str, typer.Option(help="erase: why.")] = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File; else the screen.")] = None,
    as_json: Json = False,
) -> None:
    """Seal the log of acts, prove what is in it, and sign for the logs of others."""
    trusted = keys_of(key or [])
    match action:
        case Action.KEY:
            _new_key(what, out, witness=witness)
        case Action.VERIFY:
            _verify(what, entry, trusted, witnesses, as_json=as_json)
        case Action.WITNESS:
            witness_of = _witness(folder, signer_of(key_file), trusted)
            _sign(what, witness_of, out) if port is None else _serve(witness_of, port)
        case Action.SEAL | Action.COSIGN:
            _seal(action, what, key_file, at or [], trusted, witnesses, out)
        case _:
            _on_board(action, what, since, reason, out, as_json=as_json)


def _seal(
    action: Action, what: str, key_file: Path | None, at: list[str], trusted: list["Key"],
    witnesses: int, out: Path | None,
) -> None:  # fmt: skip
    """Seal the log, or put a file of signatures to its checkpoint; then ask witnesses, if any."""
    from liandong.delivery.cosigning import ask
    from liandong.govern.log.checkpoints import need_witnesses

    with show.board() as board:
        kept = board.log
        if action is Action.SEAL:
            kept.seal(signer_of(key_file))
        elif what or not at:
            kept.files.cosign(text_of(what).splitlines(keepends=True))
        for answer in ask(kept.files, at, trusted):
            if answer.why:
                show.problem(f"{answer.url}: {answer.why}")
        note = kept.files.note()
        if note is None:
            raise _unsealed()
        need_witnesses(note.signed_by(trusted), witnesses)
        show.document(str(note), out)


def _on_board(
    action: Action, what: str, since: int, reason: str, out: Path | None, *, as_json: bool
) -> None:
    with show.board() as board:
        kept = board.log
        match action:
            case Action.PROOF:
                show.document(str(kept.proof(number_of(what))), out)
            case Action.ENTRY:
                show.document(kept.entry(number_of(what)).decode(), out)
            case Action.ASK:
                from liandong.store.witness import request

                note = kept.files.note()
                if note is None:
                    raise _unsealed()
                proof = [b64encode(h).decode() for h in kept.files.consistency(since)]
                show.document(request(since, proof, note), out)
            case Action.ERASE:
                seq = kept.erase(number_of(what), reason)
                show.line(say(f"已删除，记为第 {seq} 条", f"erased; act {seq} says so"))
            case _:
                _show(kept.files.checkpoint(), kept.head(), as_json=as_json)


def check_log(keys: list[str], witnesses: int, *, as_json: bool) -> None:
    """Hold the sealed log against itself, the keys trusted, and the acts in the books.

    Raises
    ------
    UsageError
        If nothing was ever sealed.
    CheckError
        If anything does not hold.
    """
    with show.board() as board, show.progress(say("核对日志", "checking the log")):
        if not board.log.files.begun():
            raise _unsealed()
        found = board.log.faults(keys_of(keys), witnesses=witnesses)
        size, where = board.log.files.checkpoint().size if not found else 0, board.store.location
    if as_json:
        show.as_json({"faults": [f[show.COMMON.lang] for f in found], "size": size})
    else:
        for fault in found:
            show.problem(fault[show.COMMON.lang])
    if found:
        raise CheckError(board=where, faults=len(found))
    if not as_json:
        unsigned = (
            "" if keys else say("；未核对签名，请给出 --key", "; no --key: signatures unchecked")
        )
        show.line(say(f"{size} 条全部相符{unsigned}", f"all {size} entries hold{unsigned}"))


def _show(found: "Checkpoint", head: str, *, as_json: bool) -> None:
    if as_json:
        show.as_json({
            "origin": found.origin, "size": found.size, "head": found.top.hex(), "acts_head": head,
        })  # fmt: skip
        return
    show.line(
        say(
            f"{found.origin or '未封存'}：已封存 {found.size} 条，树头 {found.top.hex()}",
            f"{found.origin or 'never sealed'}: {found.size} sealed, head {found.top.hex()}",
        )
    )


def _new_key(name: str, out: Path | None, *, witness: bool) -> None:
    from liandong.govern.log.notes import LOG, WITNESS, Signer

    if out is None:
        raise UsageError(what=both("fault.no_log_key"), remedy=both("advice.key_out"))
    signer = Signer.new(name, WITNESS if witness else LOG)
    write_secret(out, f"{signer.write()}\n".encode())
    show.line(str(signer.key))


def _verify(
    what: str, entry: Path | None, trusted: list["Key"], witnesses: int, *, as_json: bool
) -> None:
    from liandong.govern.log.checkpoints import Proof

    if entry is None:
        raise UsageError(what=both("fault.no_entry"), remedy=both("advice.no_entry"))
    proof = Proof.read(text_of(what))
    said = entry.read_bytes() if entry.is_file() else b""
    found = proof.proves(said.removesuffix(b"\n"), trusted, witnesses)
    if as_json:
        show.as_json({"origin": found.origin, "index": proof.index, "size": found.size})
        return
    show.line(
        say(
            f"成立：{found.origin} 的第 {proof.index + 1} 条（共 {found.size} 条）",
            f"proved: entry {proof.index + 1} of {found.size} in {found.origin}",
        )
    )


def _witness(folder: Path | None, signer: "Signer", trusted: list["Key"]) -> "Witness":
    from liandong.store.witness import Witness

    if folder is None:
        raise UsageError(what=both("fault.no_witness_folder"), remedy=both("advice.witness_folder"))
    return Witness(folder, signer, trusted)


def _sign(what: str, witness: "Witness", out: Path | None) -> None:
    answer = witness.add(text_of(what))
    if answer.status != 200:
        reason = both("refusal.witness", status=answer.status, said=answer.body.strip())
        raise RefusedError(actor=witness.name, action="log.witness", reason=reason)
    show.document(answer.body, out)


def _serve(witness: "Witness", port: int) -> None:
    from liandong.service.serve import serve_alone
    from liandong.service.witness import create_witness

    show.line(f"{witness.name}: http://127.0.0.1:{port}/add-checkpoint")
    serve_alone(create_witness(witness), port)


def keys_of(texts: list[str]) -> list["Key"]:
    """Return keys that verify, by their texts."""
    from liandong.govern.log.notes import Key

    return [Key.read(t) for t in texts]


def signer_of(file: Path | None) -> "Signer":
    """Return the signing key of a file, or else of the settings."""
    from liandong.govern.log.notes import Signer

    there = file or settings_now().log_key
    if there is None:
        raise UsageError(what=both("fault.no_log_key"), remedy=both("advice.log_key_file"))
    return Signer.read(text_of(str(there)))


def _unsealed() -> UsageError:
    return UsageError(what=both("fault.no_log"), remedy=both("advice.seal", size=0))
