/** What the desk reports (RFC 9457), and what only a client can know, as one error. */
import type { components } from "./schema.js";

export type Problem = components["schemas"]["Problem"];

/** `code` is stable: docs/errors.md lists them. `where` is a JSON pointer into the request. */
export class DeskError extends Error {
  override readonly name = "DeskError";

  constructor(
    readonly code: string,
    message: string,
    readonly advice: string,
    readonly status: number = 0,
    readonly where: string | null = null,
    readonly details: Readonly<Record<string, string>> = {},
    readonly requestId: string | null = null,
  ) {
    super(message);
  }
}

/** The error in an answer. */
export async function errorOf(response: Response): Promise<DeskError> {
  const body: unknown = await response.json().catch(() => null);
  return problemError(body, response.status);
}

/** The error that a problem tells of. */
export function problemError(body: unknown, status: number): DeskError {
  if (!isProblem(body)) {
    return new DeskError(
      "unavailable", `the answer is not a desk's: HTTP ${status}`, "Check the address.", status,
    );
  }
  return new DeskError(
    body.code, body.detail, body.advice, body.status, body.where, body.details, body.request_id,
  );
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "advice" in body;
}
