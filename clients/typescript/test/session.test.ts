// Sessions against a real desk: one refresh per token, whatever is lost on the way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { callHeaders, Desk, DeskError, type Options, reply, type SessionTokens } from "../src/client.js";

const url = process.env["QUANTDESK_URL"] ?? "";
const signIn = { username: "admin", password: process.env["QUANTDESK_PASSWORD"] ?? "" };
const MINUTES = 60_000;

/** A desk whose clock can be put forward and whose answers can be lost. */
function noting(options: Options = {}) {
  const paths: string[] = [];
  const clock = { ahead: 0 };
  const lose: (() => void)[] = [];
  const desk = new Desk(url, {
    signIn, pauseMs: 1, now: () => Date.now() + clock.ahead, ...options,
    fetch: async (request) => {
      const path = new URL(request.url).pathname;
      paths.push(path);
      const response = await fetch(request);
      const lost = path.endsWith("/refresh") ? lose.shift() : undefined;
      if (lost === undefined) return response;
      await response.arrayBuffer();
      lost();
      throw new TypeError("the answer was lost");
    },
  });
  const refreshes = (): number => paths.filter((path) => path.endsWith("/refresh")).length;
  const signIns = (): number => paths.filter((path) => path.endsWith("/sessions")).length;
  const me = () => reply(desk.api.GET("/v1/identity/me"));
  return { desk, paths, clock, lose, refreshes, signIns, me };
}

function code(expected: string): (error: unknown) => boolean {
  return (error) => error instanceof DeskError && error.code === expected;
}

test("calls that find the token stale together renew it once", async () => {
  const one = noting();
  await one.me();
  for (let turn = 1; turn <= 3; turn += 1) {
    one.clock.ahead += 9.8 * MINUTES;
    const all = await Promise.all(Array.from({ length: 24 }, () => one.me()));
    assert.deepEqual(new Set(all.map((me) => me.username)), new Set(["admin"]));
    assert.deepEqual([one.signIns(), one.refreshes()], [1, turn]);
  }
});

test("a refresh whose answer was lost is asked for again at once, and never later", async () => {
  const one = noting();
  await one.me();
  one.clock.ahead += 11 * MINUTES;
  one.lose.push(() => undefined);
  await one.me();
  assert.deepEqual([one.signIns(), one.refreshes()], [1, 2]);
  one.clock.ahead += 11 * MINUTES;
  one.lose.push(() => (one.clock.ahead += 6_000));
  await one.me();
  assert.deepEqual([one.signIns(), one.refreshes()], [2, 3]);
});

test("a session is kept, gone on with, and ended", async () => {
  const kept: (SessionTokens | null)[] = [];
  const one = noting({ onSession: (tokens) => kept.push(tokens) });
  await one.me();
  const session = kept.at(-1) as SessionTokens;
  const next = new Desk(url, { session });
  assert.equal((await reply(next.api.GET("/v1/identity/me"))).username, "admin");
  await one.desk.signOut();
  assert.equal(kept.at(-1), null);
  await assert.rejects(one.me(), code("unauthenticated"));
  await assert.rejects(next.api.GET("/v1/identity/me"), code("unauthenticated"));
  one.desk.signIn(signIn);
  assert.equal((await one.me()).username, "admin");
});

test("a program may bring its own tokens", async () => {
  const kept: (SessionTokens | null)[] = [];
  await noting({ onSession: (tokens) => kept.push(tokens) }).me();
  const good = (kept.at(-1) as SessionTokens).accessToken;
  const asked: (string | null)[] = [];
  const token = async (refused: string | null): Promise<string> => {
    asked.push(refused);
    return refused === null ? "an.old.one" : good;
  };
  const desk = new Desk(url, { token });
  assert.equal((await reply(desk.api.GET("/v1/identity/me"))).username, "admin");
  assert.deepEqual(asked, [null, "an.old.one"]);
});

test("a call may have its own deadline, and its own key where the desk keeps answers", async () => {
  const never = new Desk(url, { signIn, fetch: (request) => new Promise((_resolve, reject) => {
    request.signal.addEventListener("abort", () => reject(request.signal.reason as Error));
  }) });
  const late = { headers: callHeaders({ timeoutMs: 50 }) };
  await assert.rejects(never.api.GET("/v1/identity/jwks", late), code("unavailable"));
  const { desk } = noting();
  const keyed = { headers: callHeaders({ idempotencyKey: "mine" }) };
  await assert.rejects(desk.api.GET("/v1/identity/me", keyed), code("invalid_input"));
});
