// Read by the type checker only, never run.
import { type Desk, reply, type Schemas } from "../src/client.js";

export async function types(desk: Desk): Promise<void> {
  const body: Schemas["PlaceOrder"] = {
    order_id: "01912f4e-7a00-7000-8000-000000000001",
    instrument: "SOL-USDC", side: "buy", quantity: "1.5", type: "market",
  };
  const order: Schemas["Order"] = await reply(desk.api.POST("/v1/trading/orders", { body }));
  const price: string | null = order.average_price;
  // @ts-expect-error money is text, never a number
  const wrong: number = order.quantity;
  // @ts-expect-error an order has no colour
  void order.colour;
  // @ts-expect-error a side is buy or sell
  void desk.api.POST("/v1/trading/orders", { body: { ...body, side: "hold" } });
  // @ts-expect-error a quantity is text
  void desk.api.POST("/v1/trading/orders", { body: { ...body, quantity: 1.5 } });
  // @ts-expect-error a field that the message does not have
  const more: Schemas["PlaceOrder"] = { ...body, size: "1" };
  // @ts-expect-error no such operation
  void desk.api.GET("/v1/trading/nothing");
  // @ts-expect-error the path needs its field
  void desk.api.GET("/v1/trading/orders/{order_id}");
  void [price, wrong, more];
}
