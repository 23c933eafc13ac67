"""Trade from another program: `QUANTDESK_URL` and `QUANTDESK_PASSWORD` say where and as whom."""

import os
from uuid import uuid4

from quantdesk.departments.trading import PlaceOrder, PositionsQuery, Trading
from quantdesk.faces.client import Client, Retries, SignIn
from quantdesk.kernel import OutcomeUnknown, Quantity, Refused, Unavailable


def main() -> None:
    """Buy half a SOL on paper, and say what the account holds then."""
    url = os.environ.get("QUANTDESK_URL", "http://127.0.0.1:8080")
    sign_in = SignIn(username="admin", password=os.environ.get("QUANTDESK_PASSWORD", ""))
    with Client(url, sign_in, timeout_s=10, retries=Retries(attempts_max=2)) as client:
        request = PlaceOrder(
            order_id=uuid4(), instrument="SOL-USDC", side="buy", quantity=Quantity("0.5"),
            type="market",
        )  # fmt: skip
        try:
            order = client.call(Trading.place_order, request)
            print(f"{order.state}: {order.filled_quantity} at {order.average_price}")
            positions = client.call(Trading.get_positions, PositionsQuery())
            print(f"equity: {positions.equity}")
        except Refused as refusal:  # a rule of the desk: risk, oracle
            print(f"refused: {refusal}")
        except OutcomeUnknown as unknown:  # ask for the order before doing anything else
            print(f"unknown: {unknown}")
        except Unavailable as nobody:
            print(f"not there: {nobody}")


if __name__ == "__main__":
    main()
