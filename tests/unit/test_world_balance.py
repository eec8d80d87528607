"""What firms own and report in a world: by size, known late, and true to their invoices."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from support.worlds import mapping, medium_world, only


def value(measure, period="2024-12"):
    signal = only(only(medium_world()["signal"], "measure", measure), "period", period)
    return mapping(signal, "party_id", "value")


def size():
    return mapping(only(medium_world()["party"], "kind", "firm"), "party_id", "size_class")


def test_the_smallest_file_no_statements_and_the_largest_all_do():
    filed, sizes = value("statement_assets"), size()
    share = {
        s: np.mean([f in filed for f, c in sizes.items() if c == s]) for s in set(sizes.values())
    }
    assert share["micro"] == 0
    assert share["small"] < share["medium"] <= share["large"]


def test_larger_firms_own_more_often():
    owned, sizes = value("property_value"), size()
    share = [np.mean([f in owned for f, c in sizes.items() if c == s]) for s in ("micro", "medium")]
    assert 0.05 < share[0] < share[1] - 0.1


def test_statements_are_known_only_after_their_year():
    own = only(medium_world()["signal"], "source", "registry")
    year = pc.cast(pc.utf8_slice_codeunits(own["period"], 0, 4), "int64")
    assert pc.all(pc.greater(pc.year(own["seen_at"]), year)).as_py()


def test_reported_sales_are_those_of_the_invoices():
    world, told = medium_world(), value("statement_sales")
    invoice = only(world["invoice"], "status", "valid", "red")
    invoice = invoice.filter(pc.equal(pc.year(invoice["date"]), 2024))
    # Trade in a circle is told in invoices and not in the books.
    planted = only(world["truth"], "kind", "circular_trade")["detail"].to_pylist()
    told_only = pa.array([i for d in planted for i in json.loads(d)["invoices"]], pa.string())
    invoice = invoice.filter(pc.invert(pc.is_in(invoice["invoice_id"], value_set=told_only)))
    sold = mapping(invoice.group_by("seller").aggregate([("net", "sum")]), "seller", "net_sum")
    for firm, yuan in told.items():
        assert yuan == pytest.approx(max(sold.get(firm, 0), 0) / 100, abs=501)
