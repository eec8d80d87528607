"""The log: entries durable a second, size and speed of proofs, and every byte flipped.

Entries have 200 bytes. ``append_durable_per_s`` appends groups of 100, each on the disk
(fdatasync) before the next one; in ``append_sealed_per_s`` the log is sealed in the end, too. For
``tamper_undetected`` each byte of every file of a log is flipped in turn. Where the flip is in one
entry, that entry alone is held against its hash, since the others are what they were; every
ten-thousandth flip is held against the whole log as ``liandong check log`` does it. Then entries
are deleted and exchanged, and the log is rolled back and forked, before a witness.
"""

import tempfile
import time
from base64 import b64encode
from collections import Counter
from pathlib import Path

import numpy as np

from liandong.govern.log.notes import WITNESS, Signer
from liandong.govern.log.tiles import HASH, Tile, packed, tiles, unpacked
from liandong.govern.log.tree import (
    consistency,
    head,
    inclusion,
    is_consistent,
    is_included,
    leaf,
    over,
)  # fmt: skip
from liandong.store.logcheck import log_faults, tile_faults, wrong_entry
from liandong.store.tilelog import LogWriter, TileLog
from liandong.store.witness import Witness, request
from measure import figures

SIZE, GROUP = 200, 100
SIGNER = Signer.new("bench.example/log")
WITNESS_SIGNER, OK = Signer.new("witness.example", WITNESS), 200
WHOLE = 10_000
"""Every so many flips are held against the whole log."""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    with tempfile.TemporaryDirectory() as folder:
        found = _append(Path(folder), 50_000 if quick else 1_000_000)
        found |= _proofs(200_000 if quick else 1_000_000)
        found |= _tamper(Path(folder) / "tamper", 1_000_000 if quick else 10_000_000)
    return figures("log", found)


def _entries(n: int, seed: int = 1) -> list[bytes]:
    rng = np.random.default_rng(seed)
    return [bytes(r) for r in rng.integers(32, 127, (n, SIZE), np.uint8)]


def _append(folder: Path, n: int) -> dict[str, object]:
    entries, best = _entries(n), (0.0, 0.0)
    for k in range(3):
        with LogWriter(folder / str(k)) as log:
            start = time.perf_counter()
            for a in range(0, n, GROUP):
                log.append(entries[a : a + GROUP])
            durable = time.perf_counter() - start
            log.seal(SIGNER)
            best = max(best, (n / durable, n / (time.perf_counter() - start)))
    return {"entries": n, "append_durable_per_s": best[0], "append_sealed_per_s": best[1]}


def _proofs(n: int) -> dict[str, object]:
    leaves = [leaf(e) for e in _entries(n)]
    at = over(leaves)
    top, rng = head(n, at), np.random.default_rng(2)
    where = rng.integers(0, n, 20_000).tolist()
    start = time.process_time()
    proofs = [inclusion(i, n, at) for i in where]
    made, start = time.process_time() - start, time.process_time()
    right = sum(is_included(i, n, leaves[i], p, top) for i, p in zip(where, proofs, strict=True))
    verified = time.process_time() - start
    million = 1_000_000
    wide = len(inclusion(million // 3, million, lambda _, __: bytes(HASH)))
    old = n // 3
    consistent = is_consistent(old, n, head(old, at), top, consistency(old, n, at))
    return {
        "proof_entries": n, "proof_bytes_1m": 32 * wide, "proofs_per_s": len(where) / made,
        "proofs_right": right, "proofs_made": len(where), "consistent": consistent,
        "verify_us": verified / len(where) * 1e6,
    }  # fmt: skip


def _tamper(folder: Path, size: int) -> dict[str, object]:
    n = size // SIZE
    with LogWriter(folder) as writer:
        writer.append(_entries(n, seed=3))
        writer.seal(SIGNER)
    log, count, missed = TileLog(folder), Counter[str](), 0
    for tile in tiles(n):
        if tile.level:
            missed += _above(log, tile, n, count)
        else:
            missed += _entries_and_hashes(log, tile, count)
    checkpoint = folder / "checkpoint"
    for place in range(len(checkpoint.read_bytes())):
        count["flips"] += 1
        missed += not _seen(log, checkpoint, place)
    return {
        "tamper_bytes": size, "tamper_flips": count["flips"], "tamper_whole": count["whole"],
        "tamper_undetected": missed + _histories(folder),
    }  # fmt: skip


def _flipped(data: bytes, place: int) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 1 << place % 8
    return bytes(changed)


def _entries_and_hashes(log: TileLog, tile: Tile, count: Counter[str]) -> int:
    """Flip each byte of a bundle and of the hashes beside it; return how many stay unseen."""
    entries, hashes, missed = log.entries(tile), log.hashes(tile), 0
    bundle = packed(entries)
    for place in range(len(bundle)):
        count["flips"] += 1
        entry, within = divmod(place, SIZE + 2)
        if count["flips"] % WHOLE == 0:
            count["whole"] += 1
            missed += not _seen(log, log.folder / tile.bundle, place)
        elif within >= 2:
            missed += wrong_entry([_flipped(entries[entry], within - 2)], [hashes[entry]]) is None
        else:
            missed += _reads_well(_flipped(bundle, place), hashes)
    for place in range(len(hashes) * HASH):
        count["flips"] += 1
        entry, within = divmod(place, HASH)
        missed += wrong_entry([entries[entry]], [_flipped(hashes[entry], within)]) is None
    return missed


def _reads_well(bundle: bytes, hashes: list[bytes]) -> bool:
    try:
        return wrong_entry(unpacked(bundle), hashes) is None
    except ValueError:
        return False


def _above(log: TileLog, tile: Tile, size: int, count: Counter[str]) -> int:
    """Flip each byte of a tile of hashes of tiles; return how many stay unseen."""
    path, missed = log.folder / tile.path, 0
    data = path.read_bytes()
    for place in range(len(data)):
        count["flips"] += 1
        path.write_bytes(_flipped(data, place))
        missed += not list(tile_faults(log, tile, size))
    path.write_bytes(data)
    return missed


def _seen(log: TileLog, path: Path, place: int) -> bool:
    """Tell whether the whole check finds a flipped byte."""
    data = path.read_bytes()
    path.write_bytes(_flipped(data, place))
    found = log_faults(log, [SIGNER.key])
    path.write_bytes(data)
    return bool(found)


def _histories(folder: Path) -> int:
    """Delete, exchange, roll back and fork; return how often a witness signs all the same."""
    entries, witness = _entries(600, seed=4), Witness(folder / "w", WITNESS_SIGNER, [SIGNER.key])
    seen = _sealed(folder / "seen", entries[:500])
    assert witness.add(request(0, [], seen.note())).status == OK
    deleted, exchanged = entries[:200] + entries[201:], entries[1::-1] + entries[2:]
    forks = {
        "deleted": deleted,
        "exchanged": exchanged,
        "back": entries[:400],
        "other": entries[1:],
    }
    signed = 0
    for name, fork in forks.items():
        log = _sealed(folder / name, fork)
        size = log.checkpoint().size
        for old in {min(size, 500), size}:
            proof = [b64encode(h).decode() for h in log.consistency(old)]
            signed += witness.add(request(old, proof, log.note())).status == OK
    grown = _sealed(folder / "grown", entries)
    proof = [b64encode(h).decode() for h in grown.consistency(500)]
    honest = witness.add(request(500, proof, grown.note())).status == OK
    return signed + (not honest)


def _sealed(folder: Path, entries: list[bytes]) -> TileLog:
    with LogWriter(folder) as writer:
        writer.append(entries)
        writer.seal(SIGNER)
    return TileLog(folder)
