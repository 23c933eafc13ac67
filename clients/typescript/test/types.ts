// Read by the type checker only, never run.
import {
  type Desk, type DeskSocket, type ErrorCode, type Failure, type Following, isFailure, reply, type Schemas,
} from "../src/client.js";

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

export async function socketTypes(socket: DeskSocket): Promise<void> {
  const body: Schemas["PlaceOrder"] = {
    order_id: "01912f4e-7a00-7000-8000-000000000001",
    instrument: "SOL-USDC", side: "buy", quantity: "1.5", type: "market",
  };
  const order: Schemas["Order"] = await socket.call("trading.place_order", body);
  const found = await socket.call("trading.get_order", { order_id: order.order_id });
  const quantity: string = found.quantity;
  const candles = await socket.call("analytics.get_candles", { instrument: "SOL-USDC" });
  // @ts-expect-error money is text, never a number
  const wrong: number = found.quantity;
  // @ts-expect-error candles are not an order
  const other: Schemas["Order"] = candles;
  // @ts-expect-error a quantity is text
  void socket.call("trading.place_order", { ...body, quantity: 1.5 });
  // @ts-expect-error a side is buy or sell
  void socket.call("trading.place_order", { ...body, side: "hold" });
  // @ts-expect-error the id is missing
  void socket.call("trading.get_order", {});
  // @ts-expect-error a field that the message does not have
  void socket.call("trading.get_order", { order_id: "x", colour: "red" });
  // @ts-expect-error no such operation
  void socket.call("trading.nothing", {});
  // @ts-expect-error a stream is followed, not called
  void socket.call("trading.watch_orders", {});
  // @ts-expect-error and what is no stream is not followed
  socket.follow("trading.get_order", { order_id: "x" });
  // @ts-expect-error a stream's request has its fields too
  socket.follow("ingestion.watch_quotes", { symbol: "SOL-USDC" });
  const orders: Following<Schemas["Order"]> = socket.follow("trading.watch_orders", {});
  for await (const item of orders) {
    // @ts-expect-error an item may be a gap: look at its kind first
    void item.data;
    if (item.kind === "gap") void item.after;
    if (item.kind !== "event") continue;
    const state: string = item.data.state;
    // @ts-expect-error an order has no colour
    void [state, item.data.colour];
  }
  socket.subscribe("ingestion.watch_quotes", { instrument: "SOL-USDC" }, (items) => {
    for (const item of items) {
      // @ts-expect-error a quote is no order
      if (item.kind === "event") void item.data.order_id;
    }
  });
  // @ts-expect-error no such state
  if (socket.state === "open") return;
  void [quantity, wrong, other];
}

export function errorTypes(error: unknown): string {
  if (!isFailure(error)) return "not ours";
  // @ts-expect-error no such code
  if (error.code === "no_such_code") return "never";
  switch (error.code) {
    case "rate_limited":
      return `in ${error.retryAfterMs ?? 0} ms`;
    case "risk_refused": {
      const refused: Extract<Failure, { code: "risk_refused" }> = error;
      return refused.advice;
    }
    default: {
      const code: Exclude<ErrorCode, "rate_limited" | "risk_refused"> = error.code;
      return code;
    }
  }
}
