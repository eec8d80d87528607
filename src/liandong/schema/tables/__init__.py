"""All tables of the common tongue, by name."""

from liandong.errors import NotFoundError
from liandong.schema.field import Table
from liandong.schema.tables import (
    accountability,
    agreeing,
    alerts,
    audit,
    bordering,
    bounds,
    cases,
    casework,
    chaining,
    circling,
    compute,
    coordinating,
    credentials,
    dataassets,
    delivering,
    disparity,
    experimenting,
    explained,
    facts,
    features,
    finance,
    flags,
    hindsight,
    identity,
    innovation,
    jobs,
    joint,
    ledger,
    maps,
    markets,
    matching,
    models,
    owning,
    parties,
    portfolio,
    reaching,
    reasons,
    regionmoney,
    releasing,
    results,
    rivers,
    rolling,
    rulebook,
    scenarios,
    screening,
    sharing,
    sites,
    statements,
    statistics,
    structure,
    system,
    tracing,
    validation,
    vouchers,
    warnings,
    watching,
)
from liandong.texts import both

TABLES: dict[str, Table] = {
    t.name: t
    for module in (
        parties,
        facts,
        finance,
        ledger,
        results,
        agreeing,
        alerts,
        audit,
        bordering,
        bounds,
        cases,
        casework,
        accountability,
        chaining,
        circling,
        compute,
        coordinating,
        credentials,
        dataassets,
        delivering,
        disparity,
        experimenting,
        explained,
        features,
        flags,
        hindsight,
        identity,
        innovation,
        jobs,
        joint,
        maps,
        markets,
        matching,
        models,
        owning,
        portfolio,
        reaching,
        reasons,
        regionmoney,
        releasing,
        rivers,
        rolling,
        rulebook,
        scenarios,
        screening,
        sharing,
        sites,
        statements,
        statistics,
        structure,
        tracing,
        validation,
        vouchers,
        warnings,
        watching,
        system,
    )
    for t in module.TABLES
}


def table(name: str) -> Table:
    """Return the table called ``name``.

    Raises
    ------
    NotFoundError
        If there is none; the message lists the names.
    """
    if name not in TABLES:
        known = ", ".join(sorted(TABLES))
        raise NotFoundError(
            kind=both("kind.table"), name=name, remedy=both("advice.known", known=known)
        )
    return TABLES[name]
