/** What the desk reports (RFC 9457), and what only a client can know, as one error. */
import type { ErrorCode } from "./operations.js";
import type { components } from "./schema.js";

export type { ErrorCode } from "./operations.js";
export type Problem = components["schemas"]["Problem"];

export interface Facts {
  status?: number;
  /** A JSON pointer into the request. */
  where?: string | null;
  details?: Readonly<Record<string, string>>;
  requestId?: string | null;
  traceId?: string | null;
  /** When the desk wants to be asked again, if it said so. */
  retryAfterMs?: number | null;
}

/** `code` is stable: docs/errors.md lists them. `advice` says what to do. */
export class DeskError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "DeskError";
  readonly status: number;
  readonly where: string | null;
  readonly details: Readonly<Record<string, string>>;
  readonly requestId: string | null;
  readonly traceId: string | null;
  readonly retryAfterMs: number | null;

  constructor(
    readonly code: C,
    message: string,
    readonly advice: string,
    facts: Facts = {},
  ) {
    super(message);
    this.status = facts.status ?? 0;
    this.where = facts.where ?? null;
    this.details = facts.details ?? {};
    this.requestId = facts.requestId ?? null;
    this.traceId = facts.traceId ?? null;
    this.retryAfterMs = facts.retryAfterMs ?? null;
  }

  /** Whether the same call may pass later. */
  get retryable(): boolean {
    return this.code === "unavailable" || this.code === "rate_limited";
  }
}

/** Every error as a union: `switch (failure.code)` is checked to be complete. */
export type Failure = { [C in ErrorCode]: DeskError<C> }[ErrorCode];

/** For `catch (error)`, where TypeScript knows nothing of what was thrown. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof DeskError;
}

/** The error in an answer. */
export async function errorOf(response: Response): Promise<DeskError> {
  const body: unknown = await response.json().catch(() => null);
  return problemError(body, response.status, milliseconds(response.headers.get("Retry-After")));
}

/** The error that a problem tells of. */
export function problemError(
  body: unknown, status: number, retryAfterMs: number | null = null,
): DeskError {
  if (!isProblem(body)) {
    // A proxy on the way has no desk behind it; anything else is not even the way to one.
    const code = status === 0 || status === 429 || status >= 500 ? "unavailable" : "misconfigured";
    const message = `the answer is not a desk's: HTTP ${status}`;
    return new DeskError(code, message, "Check the address.", { status, retryAfterMs });
  }
  const told = body.code === "rate_limited" ? milliseconds(body.details?.["retry_after_s"]) : null;
  return new DeskError(body.code as ErrorCode, body.detail, body.advice, {
    status: body.status,
    where: body.where,
    details: body.details ?? {},
    requestId: body.request_id,
    traceId: body.trace_id || null,
    // The detail is exact to the millisecond, the header rounded up to a second.
    retryAfterMs: told ?? retryAfterMs,
  });
}

/** The connection failed before an answer was there. */
export function broken(error: unknown): DeskError {
  if (error instanceof DeskError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new DeskError("unavailable", `no answer: ${message}`, "Try again shortly.");
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "advice" in body;
}

function milliseconds(seconds: string | null | undefined): number | null {
  const value = Number(seconds ?? NaN);
  return value >= 0 ? Math.min(value, 3_600) * 1_000 : null;
}
