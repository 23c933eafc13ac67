/** A desk from TypeScript: generated types, sessions, typed errors, deadlines, careful retries. */
import createClient, { type Client as Api } from "openapi-fetch";
import { Attempts, type Retries, sleep, within } from "./attempts.js";
import { broken, DeskError, errorOf, problemError } from "./errors.js";
import { type Effect, OPERATIONS } from "./operations.js";
import type { components, paths } from "./schema.js";
import { type Granted, Session, type SessionOptions, type SessionTokens, type SignIn } from "./session.js";
import { DeskSocket, type SocketOptions } from "./socket.js";

export { DeskError, type ErrorCode, type Failure, isFailure, type Problem } from "./errors.js";
export type { SessionTokens, SignIn, TokenProvider } from "./session.js";
export { DeskSocket, type Following, type Item, type SocketState } from "./socket.js";
export type { CallId, EventOf, ReplyOf, RequestOf, StreamId } from "./types.js";
export type Schemas = components["schemas"];

export interface Options extends SessionOptions {
  /** The deadline of a call, all attempts together. */
  timeoutMs?: number;
  attemptsMax?: number;
  /** Before the first repetition; doubled for each further one, with full jitter. */
  pauseMs?: number;
  fetch?: (request: Request) => Promise<Response>;
}

const PUBLIC = new Set(["/v1/identity/sessions", "/v1/identity/sessions/refresh"]);
const TIMEOUT = "x-quantdesk-timeout";

export class Desk {
  /** Every operation by its path: `desk.api.POST("/v1/trading/orders", { body })`. */
  readonly api: Api<paths>;
  readonly #fetch: (request: Request) => Promise<Response>;
  readonly #timeoutMs: number;
  readonly #retries: Retries;
  readonly #session: Session;
  readonly #url: string;

  constructor(url: string, options: Options = {}) {
    this.#url = url.replace(/\/+$/, "");
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#retries = {
      attemptsMax: options.attemptsMax ?? 4, pauseMs: options.pauseMs ?? 100, pauseMsMax: 2_000,
    };
    this.#fetch = options.fetch ?? ((request) => fetch(request));
    this.#session = new Session(options, (path, body, ms) => this.#ask(path, body, ms));
    this.api = createClient<paths>({ baseUrl: this.#url });
    this.api.use({
      onRequest: ({ request, schemaPath }) =>
        this.#send(request, OPERATIONS[`${request.method} ${schemaPath}`] ?? "once", schemaPath),
    });
  }

  /** One WebSocket as whoever is signed in. It connects at once, and again when it drops. */
  socket(options: SocketOptions = {}): DeskSocket {
    const address = `${this.#url.replace(/^http/, "ws")}/v1/ws`;
    const ticket = async (): Promise<string> =>
      (await reply(this.api.POST("/v1/identity/tickets", { body: {} }))).ticket;
    return new DeskSocket(address, ticket, {
      timeoutMs: this.#timeoutMs, retries: this.#retries, ...options,
    });
  }

  /** Be somebody else from the next call on. */
  signIn(who: SignIn | SessionTokens): void {
    if ("accessToken" in who) this.#session.use(who);
    else this.#session.begin(who);
  }

  /** End the session at the desk and forget who was signed in, even if the desk is away. */
  async signOut(): Promise<void> {
    try {
      if (this.#session.begun) await this.api.DELETE("/v1/identity/sessions/current");
    } finally {
      this.#session.forget();
    }
  }

  async #send(request: Request, effect: Effect, path: string): Promise<Response> {
    const timeoutMs = Number(request.headers.get(TIMEOUT) ?? this.#timeoutMs);
    request.headers.delete(TIMEOUT);
    const attempts = new Attempts(
      effect, this.#retries, timeoutMs, request.headers.get("Idempotency-Key"),
    );
    // One key over all attempts: the desk gives the first answer again.
    if (attempts.key !== null) request.headers.set("Idempotency-Key", attempts.key);
    let refused: string | null = null;
    let renewed = PUBLIC.has(path);
    for (;;) {
      let reached = false;
      let token: string | undefined;
      let failure: DeskError;
      try {
        if (!PUBLIC.has(path)) token = await within(this.#session.token(refused), attempts.remainingMs);
        if (token !== undefined) request.headers.set("Authorization", `Bearer ${token}`);
        reached = true;
        const response = await this.#attempt(request.clone(), attempts.remainingMs);
        if (response.ok) return response;
        failure = await errorOf(response);
      } catch (error) {
        failure = broken(error);
      }
      const answered = reached && failure.code === "unauthenticated";
      if (answered && !renewed && token !== undefined && this.#session.renewable) {
        renewed = true;
        refused = token;
        continue;
      }
      await sleep(attempts.pauseMs(failure, reached));
    }
  }

  /** A whole answer in time; of a stream, its head: it goes on for as long as it is read. */
  async #attempt(request: Request, leftMs: number): Promise<Response> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error("no answer in time")), leftMs);
    try {
      const signal = AbortSignal.any([request.signal, late.signal]);
      const response = await this.#fetch(new Request(request, { signal }));
      if (response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
      const body = await response.arrayBuffer();
      const { status, statusText, headers } = response;
      return new Response(body, { status, statusText, headers });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Tokens, for the session. */
  async #ask(path: string, body: object, timeoutMs: number): Promise<Granted> {
    const request = new Request(this.#url + path, {
      method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
    });
    const response = await this.#attempt(request, timeoutMs).catch((error: unknown) => {
      throw broken(error);
    });
    if (!response.ok) throw await errorOf(response);
    return (await response.json()) as Granted;
  }
}

/** Headers that give one call its own deadline or its own key:
 * `desk.api.POST(path, { body, headers: callHeaders({ timeoutMs: 500 }) })`. */
export function callHeaders(call: { timeoutMs?: number; idempotencyKey?: string }): Record<string, string> {
  return {
    ...(call.timeoutMs === undefined ? {} : { [TIMEOUT]: String(call.timeoutMs) }),
    ...(call.idempotencyKey === undefined ? {} : { "Idempotency-Key": call.idempotencyKey }),
  };
}

/** The data of an answer: `const order = await reply(desk.api.POST(…))`. Throws `DeskError`. */
export async function reply<T>(answer: Promise<{ data?: { data: T } }>): Promise<T> {
  const { data } = await answer;
  if (data === undefined) throw broken(new Error("an empty answer"));
  return data.data;
}

/** The events of a stream: `for await (const order of events<Schemas["Order"]>(desk.api.GET(
 * "/v1/trading/orders/stream", { parseAs: "stream" })))`. Throws `DeskError`. */
export async function* events<T>(
  answer: Promise<{ data?: ReadableStream<Uint8Array> | null }>,
): AsyncGenerator<T, void, undefined> {
  const { data } = await answer;
  if (!data) throw broken(new Error("an empty answer"));
  const decoder = new TextDecoder();
  const reader = data.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const frames = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) {
        const body = /^data: (.*)$/m.exec(frame)?.[1];
        if (body === undefined) continue;
        const event: unknown = JSON.parse(body);
        if (/^event: problem$/m.test(frame)) throw problemError(event, 0);
        yield event as T;
      }
    }
  } finally {
    await reader.cancel();
  }
}
