/** One stream over the socket: where it is, what waits to be read, and when to pause it.
 *
 * The desk numbers the events of a channel. What is taken here is in its order, each number once;
 * a drop resumes behind the last one taken. A reader who is slow fills the inbox: then the stream
 * is paused (unsubscribed), the desk keeps what comes, and it is resumed when there is room. So one
 * slow reader holds up neither the others nor the replies on the same socket. */
import { within } from "./attempts.js";
import type { DeskError } from "./errors.js";

/** An event; what the events change, if the operation has a snapshot; or that some were lost:
 * begin anew, with what follows. */
export type Item<E> =
  | { kind: "event"; sequence: number; data: E }
  | { kind: "snapshot"; sequence: number; operation: string; data: unknown }
  | { kind: "gap"; after: number };

export interface Resume {
  channel: string;
  sequence: number;
}

export class Subscription {
  resume: Resume | null = null;
  channel: string | null = null;
  paused = false;
  closed = false;
  over = false;
  error: DeskError | null = null;
  /** Something changed for the reader. */
  onNews: () => void = () => undefined;
  /** There is room again. */
  onRoom: () => void = () => undefined;
  #position = 0;
  #settled = false;
  #inbox: Item<unknown>[] = [];

  constructor(
    readonly operation: string,
    readonly request: unknown,
    readonly inboxMax: number,
  ) {}

  /** Whether it should have a channel on a connection. */
  get following(): boolean {
    return !(this.over || this.closed || this.paused);
  }

  get waiting(): number {
    return this.#inbox.length;
  }

  // From the socket

  subscribed(channel: string, sequence: number, resumed: boolean): void {
    this.channel = channel;
    this.#position = sequence;
    // A snapshot follows at once, or nothing does. Until that is known the old place counts.
    this.#settled = resumed;
    this.onNews();
  }

  /** Another frame came: whatever belongs to the beginning has been said. */
  settle(): void {
    if (this.#settled || this.channel === null) return;
    this.#settled = true;
    this.resume = { channel: this.channel, sequence: this.#position };
  }

  gap(after: number): void {
    this.#inbox.push({ kind: "gap", after });
    this.onNews();
  }

  snapshot(sequence: number, operation: string, data: unknown): void {
    this.#position = sequence;
    this.#inbox.push({ kind: "snapshot", sequence, operation, data });
    this.settle();
    this.onNews();
  }

  /** Take what is new and fits. False: something is missing, which must not happen. */
  events(skipped: number, events: readonly (readonly [number, unknown])[]): boolean {
    this.settle();
    const fresh = events.filter(([sequence]) => sequence > this.#position);
    const last = fresh.at(-1);
    if (last === undefined) return true;
    if (last[0] - this.#position - fresh.length !== skipped) return false;
    const room = Math.max(this.inboxMax - this.#inbox.length, 0);
    for (const [sequence, data] of fresh.slice(0, room)) {
      this.#inbox.push({ kind: "event", sequence, data });
      this.#position = sequence;
    }
    this.resume = { channel: this.channel as string, sequence: this.#position };
    if (this.#inbox.length >= this.inboxMax) this.paused = true;
    this.onNews();
    return true;
  }

  dropped(): void {
    this.channel = null;
    this.#settled = false;
  }

  ended(error: DeskError | null): void {
    this.channel = null;
    this.over = true;
    this.error = error;
    this.onNews();
  }

  // From the reader

  take(most: number): Item<unknown>[] {
    const taken = this.#inbox.splice(0, most);
    if (this.paused && this.#inbox.length <= this.inboxMax / 2) {
      this.paused = false;
      this.onRoom();
    }
    return taken;
  }
}

/** A stream as its reader sees it: `for await (const item of following)`. Leaving the loop ends
 * it, and so does `close`. */
export class Following<E> implements AsyncIterableIterator<Item<E>> {
  #wake: () => void = () => undefined;

  constructor(
    readonly subscription: Subscription,
    readonly close: () => void,
  ) {
    subscription.onNews = () => this.#wake();
  }

  /** Wait until the desk says yes, but not for longer. Throws what it says instead. */
  async begun(timeoutMs = 30_000): Promise<this> {
    const one = this.subscription;
    const deadline = performance.now() + timeoutMs;
    while (one.channel === null && one.resume === null && !one.over) {
      await within(this.#news(), Math.max(deadline - performance.now(), 1)).catch((error: unknown) => {
        this.close();
        throw error;
      });
    }
    if (one.error !== null && one.resume === null) throw one.error;
    return this;
  }

  async next(): Promise<IteratorResult<Item<E>>> {
    const one = this.subscription;
    for (;;) {
      const [item] = one.take(1);
      if (item !== undefined) return { done: false, value: item as Item<E> };
      if (one.over && one.error !== null) throw one.error;
      if (one.over || one.closed) return { done: true, value: undefined };
      await this.#news();
    }
  }

  async return(): Promise<IteratorResult<Item<E>>> {
    this.close();
    this.#wake();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
