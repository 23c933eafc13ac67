/** When a call may be made again, how long to wait, and what to say when it may not. */
import { DeskError } from "./errors.js";
import type { Effect } from "./operations.js";

export interface Retries {
  attemptsMax: number;
  /** Before the first repetition; doubled for each further one, with full jitter. */
  pauseMs: number;
  pauseMsMax: number;
}

export function jittered(retries: Omit<Retries, "attemptsMax">, made: number): number {
  const longest = Math.min(retries.pauseMs * 2 ** Math.min(made - 1, 32), retries.pauseMsMax);
  return Math.random() * longest;
}

/** The attempts of one call: one deadline and, for a ONCE call, one key over all of them. */
export class Attempts {
  readonly key: string | null;
  readonly #deadline: number;
  readonly #effect: Effect;
  readonly #retries: Retries;
  #made = 0;
  #perhapsDone = false;

  constructor(effect: Effect, retries: Retries, timeoutMs: number, key: string | null = null) {
    if (key !== null && effect !== "keyed") {
      throw new DeskError(
        "invalid_input", "the desk keeps no answers of this operation", "Leave the key out.",
      );
    }
    this.#effect = effect;
    this.#retries = retries;
    this.#deadline = performance.now() + timeoutMs;
    this.key = effect === "keyed" ? (key ?? crypto.randomUUID()) : null;
  }

  get remainingMs(): number {
    return Math.max(this.#deadline - performance.now(), 1);
  }

  /** How long to wait before the next attempt; throws the call's error if there is none.
   * `reached`: the desk may have carried it out all the same. */
  pauseMs(failure: DeskError, reached: boolean): number {
    const effectful = this.#effect !== "repeatable";
    this.#made += 1;
    if (effectful && reached && failure.code === "unavailable") this.#perhapsDone = true;
    const again = failure.retryable && !(this.#effect === "once" && this.#perhapsDone);
    if (!again || this.#made >= this.#retries.attemptsMax) throw this.last(failure);
    const pause = failure.retryAfterMs ?? jittered(this.#retries, this.#made);
    if (performance.now() + pause >= this.#deadline) throw this.last(failure);
    return pause;
  }

  /** A final answer settles it; a refusal to answer leaves an earlier attempt open. */
  last(failure: DeskError): DeskError {
    const settled = !failure.retryable && failure.code !== "unauthenticated";
    if (!this.#perhapsDone || settled) return failure;
    return new DeskError(
      "outcome_unknown",
      `it may have been carried out: ${failure.message}`,
      "Look the id up before doing anything else.",
      {
        status: failure.status,
        details: this.key === null ? {} : { idempotency_key: this.key },
        requestId: failure.requestId,
        traceId: failure.traceId,
      },
    );
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** `work`, but no longer than `ms`. The work itself goes on. */
export function within<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(new DeskError("unavailable", "no answer in time", "Try again shortly."));
    const timer = setTimeout(late, ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
