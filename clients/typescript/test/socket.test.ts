// The socket against a real desk, over lines that break.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import {
  Desk, DeskError, DeskSocket, type EventOf, isFailure, type Item, reply, type Schemas,
} from "../src/client.js";
import { cuttingProxy } from "./cutting.js";

const url = process.env["QUANTDESK_URL"] ?? "";
const signIn = { username: "admin", password: process.env["QUANTDESK_PASSWORD"] ?? "" };
const AT_ONCE = { pauseMs: 1, pauseMsMax: 10 };
type OrderItem = Item<EventOf<"trading.watch_orders">>;

function placing(): Schemas["PlaceOrder"] {
  return {
    order_id: randomUUID(), instrument: "SOL-USDC", side: "buy", quantity: "0.01", type: "market",
  };
}

async function until(ready: () => boolean): Promise<void> {
  for (let tries = 0; !ready(); tries += 1) {
    assert.ok(tries < 2_000, "it never came");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("operations and streams over one socket", async () => {
  const socket = new Desk(url, { signIn }).socket();
  const states: string[] = [];
  socket.onState(() => states.push(socket.state));
  assert.equal((await socket.call("identity.me", {})).username, "admin");
  const orders = await socket.follow("trading.watch_orders", {}).begun();
  const body = placing();
  const placed = await socket.call("trading.place_order", body);
  assert.equal(placed.order_id, body.order_id);
  const found = await socket.call("trading.get_order", { order_id: body.order_id });
  assert.equal(found.quantity, "0.01");
  for await (const item of orders) {
    if (item.kind === "event" && item.data.order_id === body.order_id) break;
  }
  await assert.rejects(socket.call("trading.get_order", { order_id: randomUUID() }), (error) => {
    assert.ok(isFailure(error) && error.code === "not_found" && error.requestId);
    return true;
  });
  socket.close();
  assert.deepEqual(states, ["live", "catching_up", "live", "closed"]);
  await assert.rejects(socket.call("identity.me", {}), /closed/);
});

test("no event is lost or repeated, whatever breaks", async () => {
  const desk = new Desk(url, { signIn });
  const proxy = await cuttingProxy(new URL(url), 30_000);
  const ticket = async (): Promise<string> =>
    (await reply(desk.api.POST("/v1/identity/tickets", { body: {} }))).ticket;
  const breaking = new DeskSocket(`ws://127.0.0.1:${proxy.port}/v1/ws`, ticket, {
    reconnect: AT_ONCE, retries: { attemptsMax: 500, pauseMs: 1, pauseMsMax: 10 },
  });
  const whole = desk.socket();
  const [seen, expected]: [OrderItem[], OrderItem[]] = [[], []];
  let batches = 0;
  await whole.follow("trading.watch_orders", {}).begun().then((one) => one.return());
  whole.subscribe("trading.watch_orders", {}, (items) => expected.push(...items));
  breaking.subscribe("trading.watch_orders", {}, (items) => {
    batches += 1;
    seen.push(...items);
  });
  await until(() => whole.state === "live" && breaking.state === "live");
  const ids = new Set<string>();
  for (let turn = 0; turn < 30; turn += 1) {
    const placed = await Promise.all(
      Array.from({ length: 8 }, () => breaking.call("trading.place_order", placing())),
    );
    for (const order of placed) ids.add(order.order_id);
    await new Promise((resolve) => setTimeout(resolve, 100)); // the desk takes 100 orders a second
  }
  assert.equal(ids.size, 240);
  let before = -1;
  await until(() => {
    const settled = expected.length === before && seen.length >= expected.length;
    before = expected.length;
    return settled;
  });
  const events = seen.filter((item) => item.kind === "event");
  const numbers = events.map((item) => item.sequence);
  assert.ok(events.length >= 240);
  assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
  assert.ok(seen.every((item) => item.kind !== "gap"));
  const first = Math.max(numbers[0] ?? 0, (expected[0] as { sequence: number }).sequence);
  const late = (item: OrderItem): boolean => item.kind === "event" && item.sequence >= first;
  assert.deepEqual(seen.filter(late), expected.filter(late));
  assert.ok(batches <= events.length);
  assert.ok(proxy.cuts() >= 3, `${proxy.cuts()} cuts`);
  whole.close();
  breaking.close();
  proxy.close();
});

test("a slow reader is paused at its bound and goes on", async () => {
  const socket = new Desk(url, { signIn }).socket({ inboxMax: 4 });
  const slow = await socket.follow("trading.watch_orders", {}).begun();
  const quick = await socket.follow("ingestion.watch_quotes", { instrument: "SOL-USDC" }).begun();
  for (let placed = 0; placed < 12; placed += 1) {
    await socket.call("trading.place_order", placing());
  }
  assert.ok(slow.subscription.waiting <= 6);
  assert.equal((await quick.next()).done, false);
  const numbers: number[] = [];
  for await (const item of slow) {
    if (item.kind !== "event") continue;
    numbers.push(item.sequence);
    if (numbers.length === 12) break;
  }
  numbers.reduce((last, one) => (assert.equal(one, last + 1), one));
  socket.close();
});

test("a socket that may not be opened is closed with the reason", async () => {
  const socket = new Desk(url, { signIn: { ...signIn, password: "not the password" } }).socket();
  await assert.rejects(socket.follow("trading.watch_orders", {}).begun(), (error) => {
    return error instanceof DeskError && error.code === "unauthenticated";
  });
  assert.equal(socket.state, "closed");
});
