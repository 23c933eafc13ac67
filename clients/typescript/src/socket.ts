/** The socket: streams that survive drops, and operations, over one connection to `/v1/ws`. */
import { Attempts, jittered, type Retries, sleep, within } from "./attempts.js";
import { broken, DeskError, problemError } from "./errors.js";
import { Following, type Item, Subscription } from "./following.js";
import { EFFECTS } from "./operations.js";
import type { CallId, EventOf, ReplyOf, RequestOf, StreamId } from "./types.js";

export { Following, type Item } from "./following.js";

/** "live" while everything that is followed is up to date, "catching_up" while some of it is not,
 * "stale" while a connection that was there is not. */
export type SocketState = "connecting" | "live" | "catching_up" | "stale" | "closed";

/** The part of a browser's WebSocket that is used. Node has it from version 22 on; before, with
 * `--experimental-websocket` or from a package. */
export interface WebSocketLike {
  send(text: string): void;
  close(code?: number): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onerror: ((event: unknown) => void) | null;
}

export interface SocketOptions {
  /** The deadline of a call, all attempts together. */
  timeoutMs?: number;
  retries?: Retries;
  /** Between connections; doubled after each that was of no use, with full jitter. */
  reconnect?: { pauseMs: number; pauseMsMax: number };
  /** Items that may wait for one reader; then its stream is paused. */
  inboxMax?: number;
  webSocket?: (url: string) => WebSocketLike;
  /** When listeners are called: once for all that came since. In a browser, before it paints. */
  schedule?: (flush: () => void) => void;
}

export interface CallOptions {
  timeoutMs?: number;
  idempotencyKey?: string;
}

interface Command {
  id: string;
  text: string;
  sent: boolean;
  subscription: Subscription | null;
  wanted: boolean;
  answer: (data: unknown) => void;
  fail: (error: DeskError, reached: boolean) => void;
}

type Frame = { type: string; [field: string]: unknown };
interface Welcome {
  heartbeat_s: number;
  in_flight_max: number;
  message_bytes_max: number;
}

const CALLS_MAX = 1_024;
const OPEN_MS_MAX = 10_000;
const utf8 = new TextEncoder();

/** An attempt over the socket failed; `reached`: it may have been carried out all the same. */
class AttemptFailed {
  constructor(
    readonly error: DeskError,
    readonly reached: boolean,
  ) {}
}

export class DeskSocket {
  readonly #url: string;
  readonly #ticket: () => Promise<string>;
  readonly #timeoutMs: number;
  readonly #retries: Retries;
  readonly #reconnect: { pauseMs: number; pauseMsMax: number };
  readonly #inboxMax: number;
  readonly #webSocket: (url: string) => WebSocketLike;
  readonly #schedule: (flush: () => void) => void;
  readonly #stateListeners = new Set<() => void>();
  readonly #subscriptions = new Set<Subscription>();
  readonly #channels = new Map<string, Subscription>();
  readonly #sent = new Map<string, Command>();
  #queue: Command[] = [];
  #state: SocketState = "connecting";
  #wasLive = false;
  #useful = false;
  #welcome: Welcome | null = null;
  #line: WebSocketLike | null = null;
  #unsettled: Subscription | null = null;
  #ids = 0;
  #over: DeskError | null = null;
  #hangUp: (error: DeskError | null) => void = () => undefined;
  #heardAt = 0;

  constructor(url: string, ticket: () => Promise<string>, options: SocketOptions = {}) {
    this.#url = url;
    this.#ticket = ticket;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#retries = options.retries ?? { attemptsMax: 4, pauseMs: 100, pauseMsMax: 2_000 };
    this.#reconnect = options.reconnect ?? { pauseMs: 200, pauseMsMax: 10_000 };
    this.#inboxMax = options.inboxMax ?? 1_024;
    this.#webSocket = options.webSocket ?? ((at) => new WebSocket(at) as WebSocketLike);
    this.#schedule = options.schedule ?? defaultSchedule();
    void this.#keepConnected();
  }

  get state(): SocketState {
    return this.#state;
  }

  /** Be told of each change of `state`; gives what ends that. Fits `useSyncExternalStore`. */
  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Say goodbye. Whoever still follows or waits gets `unavailable`. */
  close(): void {
    this.#end(new DeskError("unavailable", "the socket was closed", "Open another."));
  }

  /** Follow a stream: in order, nothing lost and nothing twice, but for what a gap tells of. */
  follow<Id extends StreamId>(operation: Id, request: RequestOf<Id>): Following<EventOf<Id>> {
    const subscription = this.#join(operation, request);
    return new Following<EventOf<Id>>(subscription, () => this.#leave(subscription));
  }

  /** The same for a store: `onItems` gets all that came since the last time, in one array. */
  subscribe<Id extends StreamId>(
    operation: Id,
    request: RequestOf<Id>,
    onItems: (items: Item<EventOf<Id>>[]) => void,
    onEnd: (error: DeskError | null) => void = () => undefined,
  ): () => void {
    const subscription = this.#join(operation, request);
    let due = false;
    const flush = (): void => {
      due = false;
      if (subscription.closed) return;
      const items = subscription.take(this.#inboxMax + 2);
      if (items.length > 0) onItems(items as Item<EventOf<Id>>[]);
      if (subscription.over) onEnd(subscription.error);
    };
    subscription.onNews = () => {
      if (due) return;
      due = true;
      this.#schedule(flush);
    };
    return () => this.#leave(subscription);
  }

  /** Carry out an operation; made again after a drop where its effect allows. */
  async call<Id extends CallId>(
    operation: Id, request: RequestOf<Id>, options: CallOptions = {},
  ): Promise<ReplyOf<Id>> {
    const attempts = new Attempts(
      EFFECTS[operation] ?? "once", this.#retries, options.timeoutMs ?? this.#timeoutMs,
      options.idempotencyKey ?? null,
    );
    for (;;) {
      try {
        return (await this.#answer(operation, request, attempts)) as ReplyOf<Id>;
      } catch (failed) {
        if (!(failed instanceof AttemptFailed)) throw failed;
        await sleep(attempts.pauseMs(failed.error, failed.reached));
      }
    }
  }

  // Commands

  async #answer(operation: string, request: unknown, attempts: Attempts): Promise<unknown> {
    const key = attempts.key === null ? {} : { idempotency_key: attempts.key };
    let command: Command | undefined;
    const answer = new Promise((resolve, reject) => {
      command = this.#command({ op: "call", operation, request, ...key }, null);
      command.answer = resolve;
      command.fail = (error, reached) => reject(new AttemptFailed(error, reached));
      this.#submit(command);
    });
    try {
      return await within(answer, attempts.remainingMs);
    } catch (error) {
      if (error instanceof AttemptFailed || command === undefined) throw error;
      throw error instanceof DeskError ? new AttemptFailed(error, command.sent) : error;
    } finally {
      if (command !== undefined) {
        command.wanted = false;
        if (!command.sent) this.#queue = this.#queue.filter((one) => one !== command);
      }
    }
  }

  #command(message: object, subscription: Subscription | null): Command {
    const id = String((this.#ids += 1));
    const nothing = (): void => undefined;
    const text = JSON.stringify({ id, ...message });
    return { id, text, sent: false, subscription, wanted: true, answer: nothing, fail: nothing };
  }

  #submit(command: Command): void {
    if (this.#over !== null) {
      command.fail(this.#over, false);
    } else if (command.subscription !== null) {
      // Streams are as many as their readers, and go before.
      this.#queue.unshift(command);
      this.#flush();
    } else if (this.#queue.length >= CALLS_MAX) {
      const facts = { retryAfterMs: 1_000 };
      const many = `${CALLS_MAX} commands wait for this socket`;
      command.fail(new DeskError("rate_limited", many, "Wait for some.", facts), false);
    } else {
      this.#queue.push(command);
      this.#flush();
    }
  }

  /** Send what waits, as much at once as the desk takes. */
  #flush(): void {
    const welcome = this.#welcome;
    while (welcome !== null && this.#line !== null && this.#sent.size < welcome.in_flight_max) {
      const command = this.#queue.shift();
      if (command === undefined) return;
      if (!(command.subscription?.following ?? command.wanted)) continue;
      if (utf8.encode(command.text).length > welcome.message_bytes_max) {
        const large = "the request is too large for a message";
        command.fail(new DeskError("invalid_input", large, "Send less at once."), false);
        continue;
      }
      command.sent = true;
      this.#sent.set(command.id, command);
      this.#line.send(command.text);
    }
  }

  #join(operation: string, request: unknown): Subscription {
    const subscription = new Subscription(operation, request, this.#inboxMax);
    subscription.onRoom = () => this.#follow(subscription);
    if (this.#over !== null) {
      subscription.ended(this.#over);
    } else {
      this.#subscriptions.add(subscription);
      this.#follow(subscription);
    }
    return subscription;
  }

  #follow(subscription: Subscription): void {
    if (this.#welcome === null || !subscription.following) return;
    const { operation, request, resume } = subscription;
    const message = { op: "subscribe", operation, request, ...(resume === null ? {} : { resume }) };
    const command = this.#command(message, subscription);
    command.fail = (error) => this.#refused(subscription, error);
    this.#submit(command);
    this.#look();
  }

  /** The desk says no, or not now. */
  #refused(subscription: Subscription, error: DeskError): void {
    if (error.retryable && this.#over === null) {
      const welcome = this.#welcome;
      setTimeout(() => {
        if (this.#welcome === welcome && subscription.channel === null) this.#follow(subscription);
      }, error.retryAfterMs ?? 1_000);
      return;
    }
    this.#subscriptions.delete(subscription);
    subscription.ended(error);
    this.#look();
  }

  #leave(subscription: Subscription): void {
    subscription.closed = true;
    this.#subscriptions.delete(subscription);
    this.#unsubscribe(subscription);
    this.#look();
  }

  #unsubscribe(subscription: Subscription): void {
    const { channel } = subscription;
    if (channel === null) return;
    this.#channels.delete(channel);
    this.#line?.send(this.#command({ op: "unsubscribe", channel }, null).text);
    subscription.dropped();
  }

  // Frames

  #take(frame: Frame): void {
    if (this.#unsettled !== null && frame.type !== "gap") {
      const unsettled = this.#unsettled;
      this.#unsettled = null;
      if (frame.type !== "snapshot") unsettled.settle();
    }
    if (frame.type === "events") this.#events(frame as never);
    else if (frame.type === "reply" || frame.type === "problem") this.#answered(frame as never);
    else if (frame.type === "subscribed") this.#subscribed(frame as never);
    else if (frame.type === "gap" || frame.type === "snapshot" || frame.type === "ended") {
      this.#told(frame as never);
    }
  }

  #events(frame: { channel: string; skipped: number; events: [number, unknown][] }): void {
    const subscription = this.#channels.get(frame.channel);
    if (subscription === undefined) return; // left or paused while these were on their way
    if (!subscription.events(frame.skipped, frame.events)) {
      this.#hangUp(new DeskError("unavailable", "events are missing", "Try again shortly."));
    } else if (subscription.paused) {
      this.#unsubscribe(subscription);
      this.#look();
    }
  }

  #told(frame: {
    type: string; channel: string; after: number; sequence: number; operation: string;
    data: unknown; problem: unknown;
  }): void {
    const subscription = this.#channels.get(frame.channel);
    if (subscription === undefined) return;
    if (frame.type === "gap") subscription.gap(frame.after);
    else if (frame.type === "snapshot") {
      subscription.snapshot(frame.sequence, frame.operation, frame.data);
    } else {
      this.#channels.delete(frame.channel);
      this.#subscriptions.delete(subscription);
      subscription.ended(frame.problem === null ? null : problemError(frame.problem, 0));
    }
  }

  #answered(frame: { type: string; id: string | null; data: unknown; problem: unknown }): void {
    const command = this.#sent.get(frame.id ?? "");
    if (command === undefined) return;
    this.#sent.delete(command.id);
    if (frame.type === "reply") {
      command.answer(frame.data);
    } else {
      const error = problemError(frame.problem, 0);
      command.fail(error, error.code === "unavailable");
    }
    this.#flush();
  }

  #subscribed(frame: { id: string; channel: string; sequence: number; resumed: boolean }): void {
    const subscription = this.#sent.get(frame.id)?.subscription;
    this.#sent.delete(frame.id);
    if (!subscription) return;
    subscription.subscribed(frame.channel, frame.sequence, frame.resumed);
    if (subscription.following) {
      this.#channels.set(frame.channel, subscription);
      this.#unsettled = frame.resumed ? null : subscription;
    } else {
      this.#unsubscribe(subscription);
    }
    this.#flush();
    this.#look();
  }

  // The connection

  async #keepConnected(): Promise<void> {
    let failures = 0;
    while (this.#over === null) {
      let wait = 0;
      this.#useful = false;
      try {
        await this.#connection(await this.#ticket());
        failures = this.#useful ? 0 : failures + 1;
      } catch (thrown) {
        const error = broken(thrown);
        if (!error.retryable && error.code !== "outcome_unknown") this.#end(error);
        failures += 1;
        wait = error.code === "rate_limited" ? (error.retryAfterMs ?? 1_000) : 0;
      }
      this.#dropped();
      if (this.#over !== null) return;
      await sleep(Math.max(wait, jittered(this.#reconnect, Math.max(failures, 1))));
    }
  }

  /** One connection, from its opening to its end. */
  #connection(ticket: string): Promise<void> {
    if (this.#over !== null) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const line = this.#webSocket(`${this.#url}?ticket=${ticket}`);
      this.#line = line;
      this.#heardAt = performance.now();
      const watch = setInterval(() => {
        // A frame goes out each beat, but for one that was not quiet.
        const beat = this.#welcome === null ? null : this.#welcome.heartbeat_s * 1_000;
        const silence = beat === null ? OPEN_MS_MAX : 2.5 * beat + 1_000;
        if (performance.now() - this.#heardAt > silence) this.#hangUp(null);
      }, 250);
      this.#hangUp = (error) => {
        this.#hangUp = () => undefined;
        clearInterval(watch);
        line.onmessage = line.onclose = null;
        line.onerror = () => undefined;
        line.close();
        if (error === null) resolve();
        else reject(error);
      };
      line.onclose = () => this.#hangUp(null);
      line.onerror = () => this.#hangUp(null);
      line.onmessage = ({ data }) => {
        this.#heardAt = performance.now();
        let frame: Frame;
        try {
          frame = JSON.parse(String(data)) as Frame;
        } catch {
          const message = "the desk's message is not what this client knows";
          this.#hangUp(new DeskError("misconfigured", message, "Use the client of its version."));
          return;
        }
        if (frame.type === "welcome") this.#welcomed(frame as unknown as Welcome);
        else {
          this.#useful = true;
          this.#take(frame);
        }
      };
    });
  }

  #welcomed(welcome: Welcome): void {
    this.#welcome = welcome;
    this.#wasLive = true;
    for (const subscription of this.#subscriptions) this.#follow(subscription);
    this.#flush();
    this.#look();
  }

  /** Nothing that was under way will be answered. */
  #dropped(): void {
    this.#welcome = this.#line = this.#unsettled = null;
    this.#channels.clear();
    this.#queue = this.#queue.filter((one) => one.subscription === null);
    for (const subscription of this.#subscriptions) subscription.dropped();
    const broke = new DeskError("unavailable", "the connection broke", "Try again shortly.");
    const sent = [...this.#sent.values()];
    this.#sent.clear();
    for (const command of sent) if (command.subscription === null) command.fail(broke, true);
    this.#look();
  }

  /** For good. */
  #end(error: DeskError): void {
    if (this.#over !== null) return;
    this.#over = error;
    for (const subscription of this.#subscriptions) subscription.ended(error);
    this.#subscriptions.clear();
    const waiting = this.#queue.filter((one) => one.subscription === null);
    this.#queue = [];
    for (const command of waiting) command.fail(error, false);
    this.#hangUp(null);
    this.#look();
  }

  /** See how things are, and tell. */
  #look(): void {
    const upToDate = [...this.#subscriptions].every((one) => one.channel !== null);
    const state: SocketState =
      this.#over !== null ? "closed"
      : this.#welcome === null ? (this.#wasLive ? "stale" : "connecting")
      : upToDate ? "live" : "catching_up";
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener();
  }
}

function defaultSchedule(): (flush: () => void) => void {
  const frame = (globalThis as { requestAnimationFrame?: (run: () => void) => void })
    .requestAnimationFrame;
  // A hidden page paints nothing, and its frames never come.
  const painting = (): boolean => typeof document !== "undefined" && !document.hidden;
  return (flush) => {
    if (frame !== undefined && painting()) frame(flush);
    else setTimeout(flush, 0);
  };
}
