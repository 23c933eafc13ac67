// Against a real desk: QUANTDESK_URL and QUANTDESK_PASSWORD say which.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { Desk, DeskError, events, reply, type Schemas } from "../src/client.js";

const url = process.env["QUANTDESK_URL"] ?? "";
const signIn = { username: "admin", password: process.env["QUANTDESK_PASSWORD"] ?? "" };

function placing(): Schemas["PlaceOrder"] {
  return {
    order_id: randomUUID(), instrument: "SOL-USDC", side: "buy", quantity: "0.5", type: "market",
  };
}

function code(expected: string): (error: unknown) => boolean {
  return (error) => error instanceof DeskError && error.code === expected;
}

test("an order is placed, read and followed", async () => {
  const desk = new Desk(url, { signIn });
  const following = events<Schemas["Order"]>(
    desk.api.GET("/v1/trading/orders/stream", { parseAs: "stream" }),
  );
  const first = following.next();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const body = placing();
  const placed = await reply(desk.api.POST("/v1/trading/orders", { body }));
  assert.equal(placed.order_id, body.order_id);
  const path = { order_id: body.order_id };
  const found = await reply(desk.api.GET("/v1/trading/orders/{order_id}", { params: { path } }));
  assert.equal(found.quantity, "0.5");
  const event = await first;
  assert.ok(event.value);
  assert.equal(event.value.account, "admin");
  await following.return();
});

test("an error names its code, its place and what to do", async () => {
  const desk = new Desk(url, { signIn });
  const body = { ...placing(), quantity: "-1" };
  await assert.rejects(desk.api.POST("/v1/trading/orders", { body }), (error) => {
    assert.ok(error instanceof DeskError);
    assert.deepEqual([error.code, error.where], ["invalid_input", "/quantity"]);
    assert.ok(error.advice && error.requestId);
    return true;
  });
  await assert.rejects(new Desk(url).api.GET("/v1/identity/me"), code("unauthenticated"));
});

test("a session that ended is begun again", async () => {
  const desk = new Desk(url, { signIn });
  await desk.api.DELETE("/v1/identity/sessions/current");
  assert.equal((await reply(desk.api.GET("/v1/identity/me"))).username, "admin");
});

test("a lost answer is asked for again under the same key", async () => {
  const keys: (string | null)[] = [];
  const losing = async (request: Request): Promise<Response> => {
    const response = await fetch(request);
    if (!request.url.endsWith("/orders")) return response;
    keys.push(request.headers.get("Idempotency-Key"));
    if (keys.length > 1) return response;
    await response.arrayBuffer();
    throw new TypeError("the answer was lost");
  };
  const desk = new Desk(url, { signIn, fetch: losing, pauseMs: 1 });
  const body = placing();
  const placed = await reply(desk.api.POST("/v1/trading/orders", { body }));
  assert.equal(placed.order_id, body.order_id);
  assert.equal(keys.length, 2);
  assert.equal(new Set(keys).size, 1);
  assert.ok(keys[0]);
});

test("what may have happened is not called a failure, and is bounded", async () => {
  let sent = 0;
  const lost = async (request: Request): Promise<Response> => {
    if (request.url.endsWith("/sessions")) return fetch(request);
    sent += 1;
    throw new TypeError("lost");
  };
  const desk = new Desk(url, { signIn, fetch: lost, attemptsMax: 3, pauseMs: 1 });
  await assert.rejects(desk.api.POST("/v1/trading/orders", { body: placing() }), code("outcome_unknown"));
  assert.equal(sent, 3);
  await assert.rejects(desk.api.GET("/v1/trading/orders"), code("unavailable"));
  assert.equal(sent, 6);
  // The desk remembers no answer to this one: it is sent once.
  const body = { message: "hello" };
  await assert.rejects(desk.api.POST("/v1/ai/chat", { body }), code("outcome_unknown"));
  assert.equal(sent, 7);
});
