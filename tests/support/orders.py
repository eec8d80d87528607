"""Small books of orders for tests of the exchange."""

from liandong.schema.arrow import build


def book(**sessions):
    """Orders by session: (side, quantity, price in fen), and a party if it matters."""
    rows = [
        {"order_id": f"{name}{i:04d}", "session": name, "unit": "tce", "side": side,
         "quantity": quantity, "price": price, "party_id": party[0] if party else f"{name}p{i}"}
        for name, orders in sessions.items()
        for i, (side, quantity, price, *party) in enumerate(orders)
    ]  # fmt: skip
    names = ("order_id", "session", "unit", "side", "quantity", "price", "party_id")
    return build("quota_order", {n: [r[n] for r in rows] for n in names})
