"""Follow orders over a WebSocket and place one: `QUANTDESK_URL` and `QUANTDESK_PASSWORD` say
where and as whom."""

import asyncio
import os
from uuid import uuid4

from quantdesk.departments.trading import PlaceOrder, Trading, WatchOrders, trading
from quantdesk.faces.client import AsyncClient, Event, Gap, SignIn
from quantdesk.kernel import DeskError, Quantity


async def main() -> None:
    """Buy half a SOL on paper, and watch what becomes of it."""
    url = os.environ.get("QUANTDESK_URL", "http://127.0.0.1:8080")
    sign_in = SignIn(username="admin", password=os.environ.get("QUANTDESK_PASSWORD", ""))
    request = PlaceOrder(
        order_id=uuid4(), instrument="SOL-USDC", side="buy", quantity=Quantity("0.5"),
        type="market",
    )  # fmt: skip
    async with (
        AsyncClient(url, sign_in, timeout_s=3) as client,
        client.socket(on_state=lambda state: print(f"the socket is {state}")) as socket,
    ):
        try:
            async with socket.follow(Trading.watch_orders, WatchOrders()) as orders:
                # A door over the socket is the Protocol, as any other.
                await socket.open(trading).place_order(request)
                async for item in orders:
                    if isinstance(item, Gap):
                        print(f"events after {item.after} are lost: read the orders anew")
                    elif isinstance(item, Event) and item.data.order_id == request.order_id:
                        print(f"order {item.data.state}: {item.data.filled_quantity}")
                        if item.data.state in {"filled", "rejected"}:
                            break
        except DeskError as error:
            print(f"{error.code}: {error}")


if __name__ == "__main__":
    asyncio.run(main())
