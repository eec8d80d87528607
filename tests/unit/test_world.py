"""Worlds are valid, reproducible, and look like an economy."""

import hashlib
import io
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from liandong.errors import UsageError
from liandong.schema.tables import table
from liandong.schema.validate import validate
from liandong.world import WorldRule, make
from liandong.world.credit import DAYS_TO_DEFAULT
from liandong.world.rule import LEAST_PLANTED
from support.worlds import (
    Tables,
    columns,
    mapping,
    medium_world,
    monthly_sales,
    months_of,
    only,
    sales,
    small_world,
    truths,
)

KINDS = set(table("truth").field("kind").choices)


@pytest.fixture(scope="module")
def small() -> Tables:
    return small_world()


@pytest.fixture(scope="module")
def world() -> Tables:
    return medium_world()


def digest(tables: Tables) -> str:
    found = hashlib.sha256()
    for name, data in sorted(tables.items()):
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, data.schema) as writer:
            writer.write_table(data)
        found.update(name.encode() + sink.getvalue())
    return found.hexdigest()


# --- bytes and shapes -------------------------------------------------------------------------


def test_same_seed_same_bytes() -> None:
    one, two, other = (make(firms=500, months=18, seed=s) for s in (7, 7, 8))
    assert digest(one) == digest(two)
    assert digest(one) != digest(other)


@pytest.mark.parametrize(("firms", "months", "seed"), [(100, 12, 1), (100, 12, 2), (300, 18, 3)])
def test_every_row_is_valid_and_every_kind_is_planted(firms: int, months: int, seed: int) -> None:
    tables = make(firms=firms, months=months, seed=seed)
    for name, data in tables.items():
        checked = validate(name, data, name)
        assert checked.bad_rows == 0, checked.errors.to_pylist()[:3]
        assert len(checked.good) == len(data)
    planted = Counter(tables["truth"]["kind"].to_pylist())
    # Among a hundred firms nobody is the only supplier of several.
    assert planted.keys() | ({"chokepoint"} if firms < 300 else set()) == KINDS
    assert min(planted.values()) >= LEAST_PLANTED


def test_world_of_another_start_and_seed_follows_the_rule() -> None:
    tables = make(WorldRule.make(firms=120, months=12, seed=0, start="2019-07-01"))
    low, high = (str(f(tables["invoice"]["date"])) for f in (pc.min, pc.max))
    assert low >= "2019-07-01"
    assert high <= "2020-06-30"
    assert str(tables["project"]["asked_on"][0]) == "2020-06-30"


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[str, int, int]] = []
    tables = make(firms=100, months=12, progress=lambda *step: told.append(step))
    assert [done for _, done, _ in told] == list(range(len(tables) + 1))
    assert {total for *_, total in told} == {len(tables)}


@pytest.mark.parametrize(
    "wrong",
    [{"firms": 50}, {"months": 3}, {"start": "2023-01-15"}, {"shells": "60%"}, {"rings": "-1%"},
     {"default_rate": "200%"}, {"diverted": "60%"}, {"unknown": 1}],
)  # fmt: skip
def test_wrong_rules_are_refused(wrong: dict) -> None:
    with pytest.raises(UsageError):
        make(**wrong)


def test_rule_survives_toml() -> None:
    rule = WorldRule.make(firms=500, shells="2%", start="2022-01-01")
    assert WorldRule.from_toml(rule.to_toml()) == rule


def test_ids_refer_to_rows(small: Tables) -> None:
    known = {t: set(small[t][key].to_pylist()) for t, key in (
        ("party", "party_id"), ("loan", "loan_id"), ("bank_account", "account_id"),
        ("flow", "flow_id"), ("invoice", "invoice_id"), ("region", "region_id"),
        ("product", "product_id"), ("voucher_act", "act_id"),
    )}  # fmt: skip
    refs = {
        "party": [("invoice", "seller"), ("invoice", "buyer"), ("signal", "party_id"),
                  ("edge", "src"), ("edge", "dst"), ("bank_account", "party_id"),
                  ("bank_account", "bank_id"), ("loan", "party_id"), ("loan", "lender_id"),
                  ("event", "party_id"), ("project", "party_id"), ("product", "lender_id"),
                  ("participation", "lender_id"),
                  ("voucher_act", "from_party"), ("voucher_act", "to_party"),
                  ("bid", "bidder_id"), ("bid", "buyer_id")],
        "loan": [("flow", "loan_id"), ("event", "ref")],
        "bank_account": [("flow", "src_account"), ("flow", "dst_account"), ("loan", "account_id")],
        "flow": [("flow", "ref")],
        "invoice": [("invoice", "ref"), ("voucher_act", "invoice_id")],
        "voucher_act": [("voucher_act", "lot_id")],
        "product": [("participation", "product_id")],
        "region": [("party", "region_id"), ("region", "parent_id"), ("project", "region_id")],
    }  # fmt: skip
    for target, fields in refs.items():
        for name, field in fields:
            used = set(small[name][field].to_pylist()) - {None}
            assert used <= known[target], (name, field)


# --- an economy -------------------------------------------------------------------------------


def test_sizes_are_heavy_tailed(world: Tables) -> None:
    firms = only(world["party"], "kind", "firm")
    revenue = np.sort(firms["annual_revenue"].to_numpy())
    assert 0.3 < revenue[-len(revenue) // 100 :].sum() / revenue.sum() < 0.8
    sizes = Counter(firms["size_class"].to_pylist())
    assert sizes["micro"] > sizes["small"] > sizes["medium"] > sizes["large"] > 0


def test_invoices_sum_to_revenue(world: Tables) -> None:
    firms = only(world["party"], "kind", "firm")
    sold = sales(world)
    revenue = mapping(firms, "party_id", "annual_revenue")
    ratio = np.array([sold.get(f, 0) / 3 / r for f, r in revenue.items()])
    assert sum(sold.values()) / 3 == pytest.approx(sum(revenue.values()), rel=0.08)
    assert np.median(ratio) == pytest.approx(1, abs=0.08)
    assert np.mean((ratio > 0.5) & (ratio < 1.6)) > 0.9


def test_january_and_february_are_slack_and_december_busy(world: Tables) -> None:
    good = only(world["invoice"], "status", "valid")
    month, net = good["date"].to_numpy().astype("datetime64[M]").astype(int) % 12, good["net"]
    by_month = np.bincount(month, net.to_numpy(), 12)
    usual = np.median(by_month)
    assert by_month[0] < 0.97 * usual
    assert by_month[1] < 0.93 * usual
    assert by_month.argmax() == 11


def test_default_rate_is_that_of_the_rule(world: Tables) -> None:
    loan, event = world["loan"], world["event"]
    failed = only(event, "kind", "default")
    at = dict(zip(failed["ref"].to_pylist(), failed["at"].to_numpy(), strict=True))
    end = world["project"]["asked_on"].to_numpy()[0]
    stop = np.array([
        min(at.get(i, end), end) - (DAYS_TO_DEFAULT if i in at else 0)
        for i in loan["loan_id"].to_pylist()
    ])  # fmt: skip
    start, term = columns(loan, "start", "term_months")
    over = (start.astype("datetime64[M]") + term).astype("datetime64[D]")
    years = np.maximum((np.minimum(over, stop) - start).astype(int), 0).sum() / 365
    assert 0.02 <= len(failed) / years <= 0.04
    assert set(only(loan, "status", "default")["loan_id"].to_pylist()) == set(at)


def causes(tables: Tables) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return borrowers, their sales trend by month, and whether anything speaks against them.

    The trend is the last three months over up to twelve before; what speaks against a firm is one
    below 0.85, debt above 30 % of sales, a customer that fails, or a diverted loan.
    """
    loan = tables["loan"]
    firms = sorted(set(loan["party_id"].to_pylist()))
    sold = monthly_sales(tables, firms, 36)
    trend = np.ones(sold.shape)
    for t in range(9, 36):
        before = sold[:, max(0, t - 15) : t - 3].mean(1)
        trend[:, t] = sold[:, t - 3 : t].mean(1) / np.maximum(before, 1)
    revenue = mapping(only(tables["party"], "kind", "firm"), "party_id", "annual_revenue")
    heavy = {r["party_id"] for r in loan.to_pylist() if r["amount"] > 0.3 * revenue[r["party_id"]]}
    failed = only(tables["event"], "kind", "default")["party_id"].to_pylist()
    hit = set(only(only(tables["edge"], "kind", "supplies"), "dst", *failed)["src"].to_pylist())
    misused = {t["detail"]["borrower"] for t in truths(tables, "diverted_loan")}
    marked = np.array([f in heavy | hit | misused for f in firms])
    return firms, trend, marked[:, None] | (trend < 0.85)


def test_defaults_follow_from_causes(world: Tables) -> None:
    firms, trend, cause = causes(world)
    failed = only(world["event"], "kind", "default")
    row = np.array([firms.index(p) for p in failed["party_id"].to_pylist()])
    # The first missed payment lies three months before the default.
    month = months_of(failed["at"]) - 3
    seen = month >= 9
    others = np.setdiff1d(np.arange(len(firms)), row)
    assert seen.sum() > 30
    assert np.median(trend[row, month][seen]) < np.median(trend[others][:, 9:]) - 0.07
    assert cause[row, month][seen].mean() > 0.9
    assert cause[others][:, 9:].mean() < 0.6


def test_nobody_stops_without_a_cause(world: Tables) -> None:
    assert world["event"]["kind"].to_pylist().count("default") > 20
    calm = make(firms=1_000, months=24, seed=2, default_rate="0%")
    assert calm["event"]["kind"].to_pylist().count("default") <= 1


def test_some_are_sued_before_they_default(world: Tables) -> None:
    event = world["event"].to_pylist()
    default = {e["party_id"]: e["at"] for e in event if e["kind"] == "default"}
    sued = {e["party_id"] for e in event
            if e["kind"] == "lawsuit" and e["party_id"] in default
            and 0 < (default[e["party_id"]] - e["at"]).days < 130}  # fmt: skip
    assert 0.4 < len(sued) / len(default) < 0.9


def test_borrowers_miss_payments_before_they_default(world: Tables) -> None:
    event, flow = world["event"], world["flow"]
    failed = only(event, "kind", "default")
    at = dict(zip(failed["ref"].to_pylist(), failed["at"].to_pylist(), strict=True))
    paid = only(flow, "kind", "interest")
    last: dict[str, object] = {}
    for i, t in zip(paid["loan_id"].to_pylist(), paid["at"].to_pylist(), strict=True):
        last[i] = t.date()
    assert all((day - last[i]).days > DAYS_TO_DEFAULT for i, day in at.items() if i in last)


def test_signals_are_late_and_not_all_shared(world: Tables) -> None:
    signal = world["signal"]
    firms = world["party"]["kind"].to_pylist().count("firm")
    shared = {
        m: pc.count_distinct(only(signal, "measure", m)["party_id"]).as_py()
        for m in ("declared_sales", "kwh", "insured", "patents")
    }
    assert all(0 < n < firms for n in shared.values())
    assert shared["kwh"] < shared["declared_sales"]
    period = pc.cast(pc.binary_join_element_wise(signal["period"], "01", "-"), pa.date32())
    assert pc.all(pc.greater(signal["seen_at"], period)).as_py()
    assert set(signal["source"].unique().to_pylist()) == {
        "tax", "utility", "staff", "ip", "judicial", "customs", "registry",
    }  # fmt: skip


# --- money ------------------------------------------------------------------------------------


def test_transfers_are_in_one_strict_order(world: Tables) -> None:
    at, seq, amount = columns(world["flow"], "at", "seq", "amount")
    assert (np.diff(at.astype(np.int64)) >= 0).all()
    assert (np.diff(seq) > 0).all()
    assert (amount > 0).all()


def test_balances_mostly_stay_positive(small: Tables) -> None:
    account = small["bank_account"]
    balance = mapping(account, "account_id", "opening_balance")
    below = 0
    rows = [small["flow"][n].to_pylist() for n in ("src_account", "dst_account", "amount")]
    for src, dst, amount in zip(*rows, strict=True):
        balance[src] -= amount
        balance[dst] += amount
        below += balance[src] < 0
    assert below < 0.05 * len(small["flow"])


def test_loans_are_paid_out_and_paid_back(small: Tables) -> None:
    flow = small["flow"]
    sums = flow.filter(pc.is_valid(flow["loan_id"])).group_by(["loan_id", "kind"])
    paid = {(r["loan_id"], r["kind"]): r["amount_sum"]
            for r in sums.aggregate([("amount", "sum")]).to_pylist()}  # fmt: skip
    for loan in small["loan"].to_pylist():
        key = loan["loan_id"]
        assert paid[key, "disbursement"] == loan["amount"]
        back = paid.get((key, "repayment"), 0)
        assert back == loan["amount"] if loan["status"] == "repaid" else back < loan["amount"]


def test_refunds_point_at_the_payment_they_reverse(world: Tables) -> None:
    flow = world["flow"]
    refund = only(flow, "kind", "refund")
    assert len(refund) > 50
    paid = flow.take(pc.index_in(refund["ref"], flow["flow_id"]))
    assert refund["src_account"] == paid["dst_account"]
    assert refund["dst_account"] == paid["src_account"]
    assert pc.all(pc.less_equal(refund["amount"], paid["amount"])).as_py()
    assert pc.all(pc.greater(refund["seq"], paid["seq"])).as_py()


def test_red_invoices_take_back_an_earlier_one(small: Tables) -> None:
    invoice = small["invoice"]
    red = only(invoice, "status", "red")
    assert len(red) > 20
    original = invoice.take(pc.index_in(red["ref"], invoice["invoice_id"]))
    assert red["seller"] == original["seller"]
    assert red["buyer"] == original["buyer"]
    assert pc.all(pc.less_equal(pc.negate(red["net"]), original["net"])).as_py()
    assert pc.all(pc.greater(red["date"], original["date"])).as_py()


# --- offices and consents ---------------------------------------------------------------------


def test_taxes_known_are_those_that_left_the_accounts(world: Tables) -> None:
    known = only(world["signal"], "measure", "tax_paid")
    declared = only(world["signal"], "measure", "declared_sales")
    assert set(known["party_id"].to_pylist()) == set(declared["party_id"].to_pylist())
    owner = mapping(world["bank_account"], "account_id", "party_id")
    paid = only(world["flow"], "kind", "tax")
    left: dict[tuple[str, str], int] = {}
    for a, at, fen in zip(
        paid["src_account"].to_pylist(), paid["at"].to_pylist(), paid["amount"].to_pylist(),
        strict=True,
    ):  # fmt: skip
        key = owner[a], f"{at:%Y-%m}"
        left[key] = left.get(key, 0) + fen
    last = max(known["period"].to_pylist())
    rows = list(zip(*columns(known, "party_id", "period", "value"), strict=True))
    for party, period, value in rows[:: max(1, len(rows) // 500)]:
        if period < last:  # what falls due in the last month is paid after it
            later = str(np.datetime64(period, "M") + 1)
            assert abs(left.get((party, later), 0) / 100 - value) <= 0.5


def test_manufacturers_export_a_part_of_what_they_sell(world: Tables) -> None:
    known = only(world["signal"], "source", "customs")
    industry = mapping(world["party"], "party_id", "industry")
    exporters = set(known["party_id"].to_pylist())
    assert exporters
    assert {industry[p][0] for p in exporters} == {"C"}
    sold = sales(world)
    abroad = mapping(
        known.group_by("party_id").aggregate([("value", "sum")]), "party_id", "value_sum"
    )
    assert all(0 < abroad[p] <= sold[p] / 100 for p in exporters)


def test_fines_come_before_defaults_and_courts_reach_the_owners(world: Tables) -> None:
    rows = world["event"].to_pylist()
    failed = {r["party_id"]: r["at"] for r in rows if r["kind"] == "default"}
    fined = {r["party_id"] for r in rows if r["kind"] == "penalty"}
    firms = set(only(world["party"], "kind", "firm")["party_id"].to_pylist())
    share = len(fined & failed.keys()) / len(failed)
    assert share > 3 * len(fined - failed.keys()) / len(firms - failed.keys())
    owned: dict[str, set[str]] = {}
    for r in only(world["edge"], "kind", "owns", "controls").to_pylist():
        owned.setdefault(r["src"], set()).add(r["dst"])
    people = [r for r in rows if r["party_id"] not in firms]
    assert people
    assert {r["kind"] for r in people} == {"enforcement"}
    for r in people:
        days = [failed[f] for f in owned[r["party_id"]] if f in failed]
        assert min(days) < r["at"]


def test_applicants_stand_by_the_consent_to_their_invoices(world: Tables) -> None:
    asking = set(world["project"]["party_id"].to_pylist())
    end = max(world["project"]["asked_on"].to_pylist())
    rows = world["consent"].to_pylist()
    assert {r["purpose"] for r in rows} == {"credit"}
    valid = [r for r in rows if r["until"] >= end]
    assert asking <= {r["party_id"] for r in valid if r["dataset"] in {"*", "invoice"}}
    firms = world["party"]["kind"].to_pylist().count("firm")
    everything = sum(r["dataset"] == "*" for r in rows)
    assert 0.8 < everything / firms < 0.9
    assert 0 < len(rows) - len(valid) < 0.1 * len(rows)
