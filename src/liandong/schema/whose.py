"""Whose the rows of each table are: what somebody sees who may see some regions or banks only.

Every table is in one of three groups. A row of an *owned* table is shown if one of the ids in it
is in sight: that of a party, or of something that in its turn is in sight, such as its account.
*Public* tables name no party, or are open to everybody by their nature. All others are shown to
nobody but who sees everything; so is a table that is in no group.

The lender is not a side of a loan: who sees a region does not see all the loans of the banks there.
"""

from typing import Literal

from liandong.schema.tables.ledger import POWER_ACTS

Anchor = Literal[
    "party", "account", "loan", "project", "invoice", "flow", "alert", "case", "circle", "ring",
    "voucher", "voucher_act", "order", "line", "entry", "data", "subject",
]  # fmt: skip
"""What an id in a row stands for; a subject is a party, or one of its accounts or loans."""

ANCHORS: dict[Anchor, tuple[tuple[str, str], ...]] = {
    "account": (("bank_account", "account_id"), ("account", "account_id")),
    "loan": (("loan", "loan_id"),),
    "project": (("project", "project_id"),),
    "invoice": (("invoice", "invoice_id"),),
    "flow": (("flow", "flow_id"),),
    "alert": (("alert", "alert_id"), ("alert_version", "alert_id"), ("live_alert", "alert_id")),
    "case": (("alert_case", "case_id"), ("case", "case_id")),
    "circle": (("circle", "circle_id"),),
    "ring": (("circular_leg", "ring_id"),),
    "voucher": (("voucher_act", "voucher_id"), ("voucher_holding", "voucher_id")),
    "voucher_act": (("voucher_act", "act_id"),),
    "line": (("bank_line", "line_id"),),
    "entry": (("entry", "entry_id"),),
    "data": (("data_asset", "asset_id"),),
}
"""Where ids are in sight from: those of the rows of these tables that are shown."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OWNED: tuple[tuple[Anchor, str, str], ...] = (
    ("party", "party_id", """
        aim alert alert_case alert_change alert_group alert_version bank_account
        base_amount beneficial_owner borrower_bound chain_node chain_tie chokepoint circle consent
        cooperation credential crossfit data_asset decision derived_amount event explanation feature
        fill innovation input_need live_alert loan offer ownership ownership_path ownership_tie
        ownership_total party party_group project provision quota_order quote ripple rollover
        scenario_offer score screening_hit share signal snooze triage"""),
    ("party", "holder_id", """
        beneficial_owner ownership ownership_path voucher_discount voucher_holding voucher_lot"""),
    ("party", "seller buyer", "circular_leg invoice"),
    ("party", "seller_id buyer_id", "receivable trade"),
    ("party", "bidder_id buyer_id", "bid"),
    ("party", "buyer_id", "chain_tie"),
    ("party", "from_party to_party", "voucher_act"),
    ("party", "src dst", "edge"),
    ("party", "left right", "same_party"),
    ("party", "stopped_id", "ripple"),
    ("party", "supplier_id", "region_input"),
    ("party", "party", "simulated_share"),
    ("party", "owner_id", "account bank_difference statement"),
    ("party", "receiver_id", "privacy_grant released"),
    ("account", "account_id", """
        account_feature balance bank_line bank_match bank_open case_account shortfall
        statement_line"""),
    ("account", "src_account dst_account", "case_flow circle_leg flow"),
    ("account", "debit credit", "entry share_entry"),
    ("loan", "loan_id", """
        bound bound_limit case_holding case_loan case_trail derived_loan holding idle lot
        reconciliation rollover taint tie_range trail"""),
    ("project", "project_id", """
        alternative application contribution pledge stable_match"""),
    ("project", "who whom", "preference"),
    ("invoice", "thing_id", "pledged_twice"),
    ("data", "thing_id", "pledged_twice"),
    ("flow", "flow_id", "flow_feature flow_label oddity transfer_score"),
    ("alert", "alert_id", "watch_silence"),
    ("case", "case_id", "case_act case_alert"),
    ("case", "item", "appeal case_cluster"),
    ("case", "one other", "case_link"),
    ("case", "subject", "act"),
    ("ring", "ring_id", "circular_trade"),
    ("voucher", "voucher_id", "voucher_fault"),
    ("voucher_act", "act_id", "voucher_move"),
    ("entry", "entry_id", "reservation"),
    ("data", "asset_id", """
        data_collateral data_cost data_cover data_income data_limit data_pledge data_value"""),
    ("subject", "subject_id", "live_warning trial_subject warning watch_event window_value"),
)  # fmt: skip

OPEN: dict[str, tuple[str, tuple[str, ...]]] = {
    "act": (
        "action",
        (
            "run.start", "run.done", "run.failed", "run.broken", "powers.change", "ledger.close",
            "act.erase", *(f"power.{kind}" for kind in POWER_ACTS),
        ),
    ),
    "appeal": ("table_name", ("case", "power_act")),
}  # fmt: skip
"""Rows of owned tables that are shown to all: a field, and its values that are about no party."""

PUBLIC = _words("""
    agreement_input agreement_note agreement_version align_fault aligned_stat allocation
    allocation_limit backtest_point base_map bid_price border_cost border_test carbon case
    case_month case_queue case_region case_report case_series case_tally chain_region
    chain_summary challenge churn clearing complexity complexity_panel concentration convergence
    convergence_region coupling coupling_choice credential_issuer credential_status criterion
    data_sale detection detection_curve dispatch dispatch_price dispatch_summary drift
    entry_forecast entry_test experiment experiment_effect experiment_path factor_flow fairness
    flag_precision flag_summary gap gap_pair grade gravity head hub hub_hour inclusion
    innovation_test input_output item_complexity job leak ledger_state logistics map_shape
    mobility mobility_class mobility_test movement neighbour opportunity participation partner
    place post power power_act price product reach reach_gap reach_link reach_summary reach_time
    refusal region region_change region_money region_output region_stat region_tie repricing
    responsibility rule rule_precision rule_text run scenario scenario_limit sector_name
    segmentation segmentation_trend service_link service_point service_summary snapshot
    spatial_dependence station stop_time structure structure_pair survey_caution travel
    upstreamness validation volume_forecast watch_state watch_version watchlist water_base
    water_indicator water_index water_sample water_section water_trend
""")
"""Tables that are shown to all who may read the board."""

WHOLE = _words("""
    case_hub case_person coalition_worth cooperation_draft expense flag_review flow_unmatched
    load_error quarantine red_flag service_job staff tender tender_award tender_bid truth vendor
    watch_outbox watch_refusal
""")
"""Tables that only who sees everything is shown: what is in them cannot be told apart by party."""


def _owned() -> dict[str, tuple[tuple[Anchor, str], ...]]:
    found: dict[str, list[tuple[Anchor, str]]] = {}
    for anchor, fields, tables in _OWNED:
        for name in tables.split():
            found.setdefault(name, []).extend((anchor, f) for f in fields.split())
    return {n: tuple(sides) for n, sides in found.items()}


OWNED = _owned()
"""Of each owned table the fields by which a row may be in sight, and what they stand for."""
CUSTOMERS = (
    ("loan", None, "party_id", "lender_id"),
    ("bank_account", None, "party_id", "bank_id"),
    ("voucher_discount", None, "holder_id", "lender_id"),
    ("offer", ("product", "product_id"), "party_id", "lender_id"),
    ("contribution", ("project", "project_id"), "party_id", "lender_id"),
)
"""Who is a customer of an institution: a table, another one by a field that both have, and which
of their fields are the customer and the institution."""


def word(name: str) -> str:
    """Return to which group a table belongs, in words of the data dictionary."""
    if name in OWNED:
        fields = ", ".join(f"`{f}` ({a})" for a, f in OWNED[name])
        open_ = f"; all see rows whose `{OPEN[name][0]}` is about no party" if name in OPEN else ""
        return f"Rows are shown by {fields}{open_}."
    return "Shown to all readers." if name in PUBLIC else "Shown to who sees everything."
