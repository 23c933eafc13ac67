/** A desk from TypeScript: generated types, sign-in, typed errors, deadlines, careful retries. */
import createClient, { type Client as Api } from "openapi-fetch";
import { DeskError, errorOf, problemError } from "./errors.js";
import { type Effect, OPERATIONS } from "./operations.js";
import type { components, paths } from "./schema.js";

export { DeskError, type Problem } from "./errors.js";
export type Schemas = components["schemas"];

export interface Options {
  /** Who signs in; done again when a token is no longer accepted. */
  signIn?: { username: string; password: string };
  /** An access token, instead. */
  token?: string;
  /** The deadline of a call, all attempts together. */
  timeoutMs?: number;
  attemptsMax?: number;
  /** Before the first repetition; doubled for each further one, with full jitter. */
  pauseMs?: number;
  fetch?: (request: Request) => Promise<Response>;
}

const PAUSE_MS_MAX = 2_000;
const SIGN_IN = "/v1/identity/sessions";

export class Desk {
  /** Every operation by its path: `desk.api.POST("/v1/trading/orders", { body })`. */
  readonly api: Api<paths>;
  readonly #options: Required<Pick<Options, "timeoutMs" | "attemptsMax" | "pauseMs" | "fetch">>;
  readonly #signIn: Options["signIn"];
  readonly #url: string;
  #token: string | undefined;
  #signingIn: Promise<string> | undefined;

  constructor(url: string, options: Options = {}) {
    this.#url = url.replace(/\/+$/, "");
    this.#signIn = options.signIn;
    this.#token = options.token;
    this.#options = {
      timeoutMs: options.timeoutMs ?? 30_000,
      attemptsMax: options.attemptsMax ?? 4,
      pauseMs: options.pauseMs ?? 100,
      fetch: options.fetch ?? ((request) => fetch(request)),
    };
    this.api = createClient<paths>({ baseUrl: this.#url });
    this.api.use({
      onRequest: ({ request, schemaPath }) =>
        this.#send(request, OPERATIONS[`${request.method} ${schemaPath}`] ?? "once", schemaPath),
    });
  }

  async #send(request: Request, effect: Effect, path: string): Promise<Response> {
    const deadline = performance.now() + this.#options.timeoutMs;
    // One key over all attempts: the desk gives the first answer again.
    if (effect === "keyed" && !request.headers.has("Idempotency-Key")) {
      request.headers.set("Idempotency-Key", crypto.randomUUID());
    }
    let perhapsDone = false;
    let renewed = path === SIGN_IN;
    for (let made = 1; ; made += 1) {
      const token = path === SIGN_IN ? undefined : await this.#authorize();
      if (token !== undefined) request.headers.set("Authorization", `Bearer ${token}`);
      let failure: DeskError;
      try {
        const response = await this.#attempt(request.clone(), deadline - performance.now());
        if (response.ok) return response;
        failure = await errorOf(response);
      } catch (error) {
        failure = broken(error);
      }
      if (failure.code === "unauthenticated" && !renewed && this.#signIn !== undefined) {
        renewed = true;
        if (this.#token === token) this.#token = undefined;
        made -= 1;
        continue;
      }
      const limited = failure.code === "rate_limited";
      const again = limited || failure.code === "unavailable";
      if (effect !== "repeatable" && failure.code === "unavailable") perhapsDone = true;
      const pause = limited
        ? Number(failure.details["retry_after_s"] ?? 1) * 1_000
        : Math.random() * Math.min(this.#options.pauseMs * 2 ** (made - 1), PAUSE_MS_MAX);
      const last =
        !again ||
        made >= this.#options.attemptsMax ||
        performance.now() + pause >= deadline ||
        (effect === "once" && perhapsDone);
      if (last) throw this.#last(failure, again && perhapsDone, request);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  #attempt(request: Request, leftMs: number): Promise<Response> {
    // Until the head of the answer: a stream goes on for as long as it is read.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error("no answer in time")), Math.max(leftMs, 1));
    const signal = AbortSignal.any([request.signal, late.signal]);
    return this.#options.fetch(new Request(request, { signal })).finally(() => clearTimeout(timer));
  }

  #last(failure: DeskError, unsettled: boolean, request: Request): DeskError {
    if (!unsettled) return failure;
    const key = request.headers.get("Idempotency-Key");
    return new DeskError(
      "outcome_unknown",
      `it may have been carried out: ${failure.message}`,
      "Look the id up before doing anything else.",
      failure.status,
      null,
      key === null ? {} : { idempotency_key: key },
      failure.requestId,
    );
  }

  async #authorize(): Promise<string | undefined> {
    if (this.#token !== undefined || this.#signIn === undefined) return this.#token;
    // Calls that find no token together sign in once.
    this.#signingIn ??= reply(this.api.POST(SIGN_IN, { body: this.#signIn }))
      .then((session) => session.access_token)
      .finally(() => {
        this.#signingIn = undefined;
      });
    this.#token = await this.#signingIn;
    return this.#token;
  }
}

function broken(error: unknown): DeskError {
  const message = error instanceof Error ? error.message : String(error);
  return new DeskError("unavailable", `no answer: ${message}`, "Try again shortly.");
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
