"""A sealed log held against itself, its signature and the acts in the books."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from liandong.errors import LiandongError
from liandong.govern.log.checkpoints import Checkpoint, need_witnesses
from liandong.govern.log.notes import LOG, Key
from liandong.govern.log.tiles import WIDE, Tile, tile_of, tiles
from liandong.govern.log.tree import head, leaf, perfect
from liandong.store.acts import entry_of
from liandong.store.tilelog import TileLog
from liandong.texts import both

Fault = dict[str, str]


def log_faults(
    log: TileLog, keys: Iterable[Key] = (), acts: Sequence[dict[str, Any]] | None = None, *,
    witnesses: int = 0,
) -> list[Fault]:  # fmt: skip
    """Return everything of a log that does not hold.

    Parameters
    ----------
    keys
        Those trusted; without any, signatures are not looked at.
    acts
        Rows of table ``act`` in order, if the books are at hand.
    witnesses
        How many of the witnesses trusted must have signed the checkpoint.
    """
    try:
        note = log.note()
        if note is None:
            return [both("fault.no_log")]
        found, trusted = Checkpoint.read(note.text), list(keys)
        signed = note.signed_by(trusted)
        need_witnesses(signed, witnesses)
    except (LiandongError, UnicodeDecodeError) as error:
        return [_said(error)]
    faults = []
    if trusted and not any(k.kind == LOG and k.name == found.origin for k in signed):
        faults.append(both("fault.proof_unsigned", origin=found.origin))
    for tile in tiles(found.size):
        faults += tile_faults(log, tile, found.size)
        if tile.level == 0:
            faults += _of_bundle(log, tile, acts)
    if not faults and head(found.size, log.at(found.size)) != found.top:
        faults.append(both("fault.log_head"))
    if acts is not None and len(acts) < found.size:
        faults.append(both("fault.log_acts_lost", size=found.size, acts=len(acts)))
    return faults


def wrong_entry(entries: Sequence[bytes], hashes: Sequence[bytes]) -> int | None:
    """Return the first entry that does not belong to its hash; None if all do."""
    if len(entries) != len(hashes):
        return min(len(entries), len(hashes))
    return next((i for i, e in enumerate(entries) if leaf(e) != hashes[i]), None)


def tile_faults(log: TileLog, tile: Tile, size: int) -> Iterator[Fault]:
    """Yield what is wrong with a tile: each hash is that of a whole tile below."""
    try:
        hashes = log.hashes(tile)
        below = [
            perfect(log.hashes(tile_of(tile.level - 1, tile.number * WIDE + i, size)))
            for i in range(tile.width if tile.level else 0)
        ]
    except (LiandongError, ValueError) as error:
        yield _said(error, "fault.log_tile", path=tile.path)
        return
    if len(hashes) != tile.width or (tile.level and hashes != below):
        yield both("fault.log_tile", path=tile.path)


def _of_bundle(
    log: TileLog, tile: Tile, acts: Sequence[dict[str, Any]] | None
) -> Iterator[Fault]:  # fmt: skip
    first = tile.number * WIDE
    try:
        entries, hashes = log.entries(tile), log.hashes(tile)
    except (LiandongError, ValueError) as error:
        yield _said(error, "fault.log_bundle", path=tile.bundle, entry=first)
        return
    wrong = wrong_entry(entries, hashes)
    if wrong is not None:
        yield both("fault.log_bundle", path=tile.bundle, entry=first + wrong)
    for row, entry in zip((acts or ())[first : first + tile.width], entries, strict=False):
        if _entry(row) != entry:
            yield both("fault.log_act", seq=row["seq"])


def _entry(row: dict[str, Any]) -> bytes | None:
    try:
        return entry_of(row)
    except (LiandongError, ValueError):
        return None


def _said(error: Exception, code: str = "fault.note", **about: object) -> Fault:
    if isinstance(error, LiandongError):
        return {lang: error.text(lang) for lang in ("zh", "en")}
    return both(code, **about)
