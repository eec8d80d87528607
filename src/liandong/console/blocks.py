"""What the columns of lists are that pages put together: their files have them in any case.

The words are those of :meth:`.Rows.of`; what comes from a query as it is has the types of that.
"""

_SHADES = (
    "region.region_id region.name region.name_en int.x int.y text.letters text.short float.value "
    "int.shade"
)
_MONTHS = (
    "text.month int.sales_valid int.sales_red int.sales_void int.purchases_valid "
    "int.purchases_red int.purchases_void int.count"
)
_ALERTS = "live_alert.* text.group_id int.group_begun text.stands_in bool.snoozed"
_ASKED = "power_act.* json.documents json.agreed json.wants text.stands"
_LEGS = "circle_leg.* party.party_id party.name party.name_en"
_LOTS = "voucher_lot.* text.name text.name_en text.party_id text.kind time.at"
_SLICES = "text.name int.n text.note json.figures"
_POINTS = "text.measure text.region_id text.period text.vintage float.value text.unit int.vintages"
_TRADERS = (
    "text.party_id text.name text.name_en text.kind text.industry text.region_id int.amount "
    "int.invoices"
)
COLUMNS = {
    "home/map": _SHADES,
    "firms/grades": "text.grade int.count",
    "firm/months": _MONTHS,
    "firm/suppliers": "text.party_id int.net int.count date.last int.share text.name text.name_en",
    "firm/buyers": "text.party_id int.net int.count date.last int.share text.name text.name_en",
    "firm/alerts": _ALERTS,
    "firm/features": "text.measure float.value",
    "firm/categories": (
        "text.category bool.shared int.terms int.points int.least int.most float.median"
    ),
    "firm/credentials": "credential.* text.said text.status",
    "firm/loans": "loan.*",
    "letter/principal": "explanation.*",
    "letter/steps": "explanation.*",
    "report/principal": "explanation.*",
    "report/months": _MONTHS,
    "report/alerts": _ALERTS,
    "report/loans": "loan.*",
    "innovators/map": _SHADES,
    "models/rows": (
        "text.rule_id date.valid_from date.valid_to int.characteristics int.learnt_rows "
        "int.learnt_bads text.sample float.auc float.auc_low float.auc_high int.scored text.run_id"
    ),
    "model/samples": "text.key text.sample date.as_of int.n json.figures",
    "model/roc": "text.sample date.as_of json.points",
    "model/band": _SLICES,
    "model/points": _SLICES,
    "model/size": _SLICES,
    "model/region": _SLICES,
    "model/cohort": _SLICES,
    "portfolio/concentration": (
        "text.part int.loans int.ead int.provision int.ecl_year int.ecl_life int.capital "
        "int.coverage int.mean_pd int.share"
    ),
    "desk/limits": "scenario_limit.* text.name_en int.reached int.share",
    "desk/who": (
        "text.by text.part int.projects int.offered int.need int.amount int.served int.share"
    ),
    "desk/scenarios": (
        "text.name int.projects int.offered int.budget int.used int.micro_used int.value "
        "int.bound int.gained int.lost int.changed int.more int.less int.micro_share int.gap "
        "float.price_budget float.price_micro json.terms json.other"
    ),
    "desk/certificate": (
        "text.as_of int.bound int.budget json.counts text.data int.format json.limits text.offers "
        "text.order json.prices text.rule text.salt text.salt_commitment text.seal bool.together "
        "int.value"
    ),
    "desk/map": _SHADES,
    "desk/changes": (
        "text.project_id text.party_id text.name text.name_en text.region_id text.industry "
        "text.grade text.size_class int.need text.change int.before int.amount int.effect "
        "text.product_before text.product_id rate.rate reasons.verdict"
    ),
    "desk/sums": "text.part int.gained int.lost int.more int.less int.net",
    "offer/offers": (
        "offer.* json.quote reasons.parts reasons.bounds json.also int.fee int.months "
        "rate.paid_rate int.saved json.level json.at_end"
    ),
    "offer/tried": (
        "quote.* text.product text.product_en text.lender text.lender_en int.term_months "
        "reasons.against reasons.would_help"
    ),
    "books/rows": (
        "entry.* text.debtor_id text.debtor text.debtor_en text.creditor_id text.creditor "
        "text.creditor_en int.places"
    ),
    "books/balances": (
        "text.code text.unit int.accounts int.debited int.credited int.balance int.places"
    ),
    "agreements/rows": (
        "text.agreement text.stage json.clauses json.parties int.version int.waiting"
    ),
    "agreement/shares": "simulated_share.*",
    "agreement/inputs": "agreement_input.*",
    "agreement/derived": (
        "text.base text.unit int.n text.since text.until int.amount int.loans bool.water int.places"
    ),
    "ledger/totals": (
        "text.unit text.code int.accounts int.debit int.credit int.pending_debit "
        "int.pending_credit int.balance"
    ),
    "ledger/rows": (
        "balance.* text.owner_id text.unit text.code account.capped int.moved int.balance "
        "text.name text.name_en"
    ),
    "alerts/rows": "text.party_id text.name text.name_en int.n text.level time.last_at json.alerts",
    "alerts/codes": "text.code int.n",
    "case/acts": "case_act.*",
    "case/timeline": (
        "text.what time.at text.word text.actor text.to text.outcome text.sha256 json.said "
        "text.row text.code text.level reasons.reasons"
    ),
    "backtests/points": "backtest_point.*",
    "backtests/sets": "backtest_point.*",
    "rules/cards": "rule_text.*",
    "rules/points": "backtest_point.*",
    "rules/versions": (
        "watch_version.* text.case_id text.state text.checker time.closed_at json.changes"
    ),
    "ruling/told": "rule_text.*",
    "loan/bands": (
        "int.column date.first_day date.last_day text.source text.target int.amount bool.back "
        "bool.stays"
    ),
    "loan/paths": (
        "int.path text.place int.hop text.lot_id text.parent text.flow_id time.at "
        "text.src_account text.dst_account int.lot_amount int.amount"
    ),
    "loan/legs": _LEGS,
    "voucher/rows": _LOTS,
    "voucher/tree": (
        "text.lot_id text.holder_id text.name text.name_en text.state int.amount int.lots "
        "int.layer int.parent float.line"
    ),
    "voucher/chain": _LOTS,
    "regions/regions": (
        "text.region_id text.name text.name_en text.level text.belt int.gdp_per_head int.lent "
        "int.alerts int.firms"
    ),
    "regions/map": _SHADES,
    "chain/stages": (
        "text.industry text.region_id float.upstreamness float.downstreamness float.output "
        "int.chokepoints"
    ),
    "chain/neighbours": f"text.side {_TRADERS}",
    "chain/buyers": _TRADERS,
    "chain/suppliers": _TRADERS,
    "chain/ties": "chain_tie.* party.name:buyer party.name_en:buyer_en",
    "chain/ripple": "ripple.* party.name:stopped party.name_en:stopped_en",
    "chain/chokepoints": "chokepoint.* party.name party.name_en party.region_id party.industry",
    "chain/flows": "text.src text.dst int.amount",
    "chain/inputs": "region_input.* party.name:supplier party.name_en:supplier_en",
    "chain/matrix": "region_tie.*",
    "chain/regions": "chain_region.*",
    "chain/summary": "text.measure int.value",
    "chain/upstreamness": "upstreamness.* text.name text.name_en",
    "region/course": (
        "text.region_id text.period text.vintage text.people_vintage int.per_head float.ratio "
        "int.rank int.among int.rank_low int.rank_high"
    ),
    "region/movers": (
        "text.region_id text.first text.last text.first_vintage text.last_vintage int.rank_then "
        "int.rank_now int.moved"
    ),
    "region/dates": (
        "text.table text.date text.vintages text.source json.runs text.step bool.missing"
    ),
    "region/map": _SHADES,
    "region/peers": (
        "text.region_id text.period text.vintage int.per_head float.ratio int.rank int.among "
        "int.rank_low int.rank_high"
    ),
    "map/rows": (
        "text.measure text.region_id text.period text.vintage float.value text.unit int.vintages "
        "text.name text.name_en text.map text.approval"
    ),
    "map/flows": (
        "text.from_region text.to_region text.kind text.period float.amount text.unit bool.money "
        "int.count text.map text.approval"
    ),
    "compare/figures": f"{_POINTS} text.kind float.difference bool.other_time bool.other_vintage",
    "compare/points": _POINTS,
    "structure/opportunities": (
        "text.region_id int.place text.item float.rca float.density float.complexity float.score "
        "json.evidence reasons.reasons"
    ),
    "structure/partners": (
        "text.region_id int.place text.other_id float.brings float.takes float.score "
        "json.evidence reasons.reasons"
    ),
    "structure/pairs": (
        "text.region_id text.other_id float.cosine float.krugman int.shared text.warning "
        "json.evidence reasons.reasons"
    ),
    "structure/forecasts": (
        "text.region_id int.place text.item int.horizon float.chance float.density text.verdict "
        "reasons.reasons"
    ),
    "structure/cautions": (
        "text.about text.code text.subject text.weight int.count float.value json.evidence"
    ),
    "structure/map": _SHADES,
    "coordination/drafts": "cooperation_draft.*",
    "acts/rows": "act.* text.step",
    "powers/rows": (
        "text.power_id text.action text.holder text.basis text.period date.valid_from "
        "date.valid_to text.source text.delegator json.bounds json.people bool.standing"
    ),
    "inbox/waits": _ASKED,
    "inbox/own": _ASKED,
    "inbox/opened": "power_act.* time.due text.stands",
    "inbox/others": _ASKED,
    "inbox/appeals": "appeal.* text.state json.ruling",
    "flags/rows": (
        "red_flag.* text.outcome text.name text.name_en text.points_at json.first int.more"
    ),
    "statistics/parts": (
        "text.kind text.level text.month int.handled_value float.handled_year "
        "float.handled_year_on_year int.problems_value float.problems_year "
        "float.problems_year_on_year int.sanctioned_value float.sanctioned_year "
        "float.sanctioned_year_on_year"
    ),
    "statistics/regions": "case_region.* bool.here",
    "accountability/cards": "responsibility.* text.points_at json.first int.more",
    "accountability/links": "case_link.* json.rows",
    "sharing/budgets": (
        "text.receiver_id text.name text.name_en text.dataset int.granted date.granted_on "
        "int.releases text.account_id int.posted int.spent int.left"
    ),
    "sharing/common": (
        "int.seq time.at text.actor text.action text.subject int.count text.purpose text.until "
        "text.dataset text.law"
    ),
    "runs/rows": "run.* bool.again float.seconds int.written",
    "run/inputs": "text.name text.part text.run_id int.rows text.snapshot_id text.hash text.step",
    "run/outputs": "text.name int.rows text.snapshot_id int.bytes text.sha256 bool.current",
    "jobs/open": "service_job.* float.seconds int.left",
    "jobs/ended": "service_job.* float.seconds int.left json.counts",
    "tables/rows": "text.name text.zh text.en text.home bool.secret int.fields int.rows",
    "row/reasons": "text.code int.points",
    "circles/legs": _LEGS,
    "circles/circles": "circle.* party.name party.name_en",
    "circles/idle": "idle.*",
    "account/logins": (
        "text.id text.person text.how time.made_at time.seen_at time.ends_at int.idle"
    ),
    "account/tokens": (
        "text.id text.person text.label json.scope time.made_at time.ends_at time.used_at"
    ),
    "start/importable": "text.name text.zh text.en",
    "purpose/purposes": "consent.purpose",
    "start_file/errors": "load_error.*",
}
"""Columns by page and list."""
