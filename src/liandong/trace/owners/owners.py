"""The step: ownership of companies looked through, in separate results with their evidence."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import NotFoundError
from liandong.step import Tables, fold, output
from liandong.step.reasons import Reasons, reason_list
from liandong.texts import both
from liandong.trace.owners.cascade import Blocs, Chains, blocs_of, chains_of
from liandong.trace.owners.interest import Interest, depths, interest, ppm
from liandong.trace.owners.register import Bool, Int, Register, register
from liandong.trace.owners.rules import WHOLE, OwnersRule
from liandong.trace.owners.threshold import beneficial


@fold(
    reads=("edge", "party"),
    writes=(
        "ownership", "ownership_total", "ownership_tie", "ownership_path", "beneficial_owner",
    ),
    rule=OwnersRule,
    part=("on",),
)  # fmt: skip
def owners(tables: Tables, rule: OwnersRule) -> Tables:
    """Look through the owners of companies on a day, in results that are never mixed.

    *Economic*: the share that reaches a holder over all chains, with cross-holdings solved and a
    holder's own circle divided out. *Control*: the stake of a holder and of all in which stakes
    added up give it control, step by step. *Weakest*: chains, each as strong as its weakest link,
    that have no part of a share in common. And, by regime, the natural persons who reach the
    threshold of beneficial ownership.

    A share that is known within limits only gives results within limits: ``low`` and ``high``
    contain every answer that shares inside the limits can give, and ``share`` is empty where they
    differ. Shares of a company above the whole are not scaled down: each counts as certain only as
    far as the others leave room for it, and the company is named in ``ownership_total``. So are
    shares out of bounds (refused: not on record), shares in oneself (the others' share grows, as
    they own it too), circles that nobody outside owns, and holders that are not in ``party``.

    In ``ownership_total``, of each company: ultimate holders listed + too small to list + not on
    record + in circles without owners + rounding = 1,000,000 ppm, of the shares that are certain.

    Raises
    ------
    NotFoundError
        If the rule names a target that nobody owns or controls on that day.
    """
    found = register(tables["edge"], tables["party"], rule.on)
    targets = _targets(found, rule)
    part = interest(found, targets, int(rule.least))
    stakes = blocs_of(found, rule)
    stakes = stakes.only(np.isin(stakes.party, targets))
    party, holder = _pairs(found, targets, part, stakes)
    links = chains_of(found, party, holder, int(rule.least))
    thresholds, reached = beneficial(found, tables["party"], targets, part, stakes, rule)
    return {
        **_ownership(found, targets, part, stakes, (party, holder, links), rule),
        **_total(found, targets, part, reached, rule),
        **_ties(found, targets, part, rule),
        **_paths(found, party, holder, links, rule),
        **thresholds,
    }


def _targets(found: Register, rule: OwnersRule) -> Int:
    """Return the numbers of the companies to look through."""
    held = np.unique(found.company)
    if not rule.targets:
        return held
    names = found.ids.take(pa.array(held)).to_pylist()
    for name in sorted({*rule.targets} - {*names}):
        raise NotFoundError(
            kind=both("kind.owned"), name=name, remedy=both("advice.owned", day=rule.on)
        )
    return np.flatnonzero(np.isin(found.ids.to_numpy(zero_copy_only=False), rule.targets))


def _pairs(found: Register, targets: Int, part: Interest, stakes: Blocs) -> tuple[Int, Int]:
    """Return all pairs of company and holder that have a row, by company."""
    count = len(found.ids)
    key = np.concatenate(
        [targets[part.target] * count + part.holder, stakes.party * count + stakes.holder]
    )
    key = np.unique(key[key // max(count, 1) != key % max(count, 1)])
    return key // max(count, 1), key % max(count, 1)


def _ownership(
    found: Register, targets: Int, part: Interest, stakes: Blocs,
    chained: tuple[Int, Int, Chains], rule: OwnersRule,
) -> Tables:  # fmt: skip
    party, holder, links = chained
    low, high, _ = ppm(part.low, part.high)
    strong = links.high > 0
    parts = [
        ("economic", targets[part.target], part.holder, low, high),
        ("control", stakes.party, stakes.holder, stakes.low, stakes.high),
        ("weakest", party[strong], holder[strong], links.low[strong], links.high[strong]),
    ]
    of, by, least, most = (np.concatenate([p[k] for p in parts]) for k in range(1, 5))
    sizes = [len(p[1]) for p in parts]
    kind = np.repeat([p[0] for p in parts], sizes)
    reasons = Reasons(len(of))
    direct = _direct(found, of, by)
    reasons.add("trace.owners_direct", direct, direct > 0)
    economic, control, weakest = (kind == p[0] for p in parts)
    rest = np.maximum(least - direct, 0)
    reasons.add("trace.owners_indirect", rest, economic & (rest > 0))
    reasons.add("trace.owners_bloc", rest, control & (rest > 0))
    counted = np.zeros(len(of), np.int64)
    counted[weakest] = links.many[strong]
    reasons.add("trace.owners_chains", counted, weakest & (counted > 0))
    reasons.add("trace.owners_open", most - least, most > least)
    reasons.add("trace.owners_rounded", 0, ~reasons.any())
    verdict = np.full(len(of), None, object)
    verdict[control] = _verdict(stakes.certain, stakes.possible)
    return output(
        "ownership",
        as_of=pa.repeat(pa.scalar(rule.on), len(of)),
        party_id=found.ids.take(pa.array(of)), holder_id=found.ids.take(pa.array(by)),
        measure=kind.tolist(),
        share=pa.array(least.astype(np.int32), mask=most > least), low=least, high=most,
        verdict=verdict.tolist(), ultimate=~found.topped[by], reasons=reasons.column(),
    )  # fmt: skip


def _verdict(certain: Bool, possible: Bool) -> NDArray[np.str_]:
    return np.where(certain, "yes", np.where(possible, "perhaps", "no"))


def _direct(found: Register, party: Int, holder: Int) -> Int:
    """Return what each holder has of each company itself, at least, ppm."""
    count = len(found.ids)
    key, at = np.unique(found.company * count + found.owner, return_inverse=True)
    total = np.bincount(at, found.low, len(key)).astype(np.int64)
    if not len(key):
        return np.zeros(len(party), np.int64)
    wanted = party * count + holder
    place = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return np.where(key[place] == wanted, total[place], 0)


def _total(
    found: Register, targets: Int, part: Interest, reached: list[tuple[str, Bool]], rule: OwnersRule
) -> Tables:  # fmt: skip
    """Return what becomes of the whole of each company."""
    count = len(targets)
    last = ~found.topped[part.holder]
    low = ppm(part.low, part.high)[0]
    listed = np.bincount(part.target[last], low[last], count).astype(np.int64)
    listed = np.minimum(listed, WHOLE)
    shown = np.bincount(part.target[last], part.low[last], count)
    small = np.maximum(np.rint((part.top - shown) * WHOLE), 0).astype(np.int64)
    locked = np.rint(part.locked * WHOLE).astype(np.int64)
    free = np.maximum(1.0 - part.top - part.locked - part.left, 0.0)
    unknown = np.rint(free * WHOLE).astype(np.int64)
    core = part.core[targets]
    names = found.ids.take(pa.array(np.maximum(core, 0)))
    return output(
        "ownership_total",
        as_of=pa.repeat(pa.scalar(rule.on), count), party_id=found.ids.take(pa.array(targets)),
        direct=found.direct[targets], listed=listed, small=small, unknown=unknown, locked=locked,
        rounding=WHOLE - listed - small - unknown - locked,
        residual=np.clip(part.left, 0.0, 1.0), circular=np.rint(part.back * WHOLE).astype(np.int64),
        core_id=pc.if_else(pa.array(core >= 0), names, None),
        core_size=part.size[targets],
        reasons=_remarks(found, targets, locked, part.size[targets], reached),
    )  # fmt: skip


def _remarks(
    found: Register, targets: Int, locked: Int, size: Int, reached: list[tuple[str, Bool]]
) -> pa.Array:
    """Return what is to be said of each company: what is wrong, and whether anybody is behind."""
    row = np.full(len(found.ids), -1)
    row[targets] = np.arange(len(targets))
    said = [[("trace.owners_on_record", int(found.direct[t]))] for t in targets]
    names = found.ids
    for code, party, points, owner in found.remarks:
        for k in np.flatnonzero(row[party] >= 0).tolist():
            about = "" if owner is None else f"({names[int(owner[k])].as_py()})"
            said[row[party[k]]].append((code + about, int(points[k])))
    for k in range(len(targets)):
        if locked[k]:
            said[k].append(("trace.owners_locked", int(locked[k])))
        if size[k]:
            said[k].append(("trace.owners_circle", int(size[k])))
    for regime, someone in reached:
        for k in np.flatnonzero(~someone).tolist():
            said[k].append((f"trace.owners_nobody({regime})", 0))
    return reason_list(said)


def _ties(found: Register, targets: Int, part: Interest, rule: OwnersRule) -> Tables:
    """Return the ties that ownership of each company runs over."""
    src, dst = found.owner[part.tie], found.company[part.tie]
    core = part.core
    return output(
        "ownership_tie",
        as_of=pa.repeat(pa.scalar(rule.on), len(src)),
        party_id=found.ids.take(pa.array(targets[part.tie_target])),
        src=found.ids.take(pa.array(src)), dst=found.ids.take(pa.array(dst)),
        valid_from=found.since.take(pa.array(part.tie)),
        low=found.low[part.tie], high=found.high[part.tie],
        carried=np.rint(np.minimum(part.carried, 1000.0) * WHOLE).astype(np.int64),
        depth=depths(part.tie_target, src, dst, targets, len(found.ids)),
        circular=(core[src] >= 0) & (core[src] == core[dst]),
        source=found.source.take(pa.array(part.tie)),
    )  # fmt: skip


def _paths(found: Register, party: Int, holder: Int, links: Chains, rule: OwnersRule) -> Tables:
    """Return the chains of control link by link, from the holder down."""
    n = len(links.pair)
    begin = np.ones(n, bool)
    begin[1:] = (np.diff(links.pair) != 0) | (np.diff(links.chain) != 0)
    step = np.arange(n) - np.maximum.accumulate(np.where(begin, np.arange(n), 0))
    whole = np.where(found.rules[links.tie], WHOLE, found.low[links.tie])
    return output(
        "ownership_path",
        as_of=pa.repeat(pa.scalar(rule.on), n),
        party_id=found.ids.take(pa.array(party[links.pair])),
        holder_id=found.ids.take(pa.array(holder[links.pair])),
        chain=links.chain, step=step,
        src=found.ids.take(pa.array(found.owner[links.tie])),
        dst=found.ids.take(pa.array(found.company[links.tie])),
        share=whole, strength=links.strength,
    )  # fmt: skip
