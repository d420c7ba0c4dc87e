import "server-only";
import type { Target, UpstreamAnswer } from "#lib/providers/lane";
import { decodedBody } from "./decode-body";
import { cut } from "./hang-up";
import { readAll } from "./read-all";
import { type ScrubbedError, scrubbedError } from "./scrub";

/** A provider's no to the client's own request: passed on with its body, scrubbed. */
export type UpstreamRefusal = { status: number; error: ScrubbedError };

/** A provider's no that is not the client's doing: another target may say yes. */
export class TargetRefused extends Error {
  override name = "TargetRefused";
  constructor(
    readonly status: number,
    readonly retryAfterSeconds: number | null,
  ) {
    super(`The provider answered with the status ${status}`);
  }
}

const MAX_ERROR_BYTES = 64 * 1024;
/** About our credentials, our account, a proxy of ours, the provider's patience or its load. */
const NOT_THE_CLIENTS = new Set([401, 402, 403, 407, 408, 425, 429]);

/**
 * Reads an answer of 400 or above.
 * @throws TargetRefused when it is not about the client's request
 */
export async function readRefusal(answer: UpstreamAnswer, target: Target): Promise<UpstreamRefusal> {
  if (answer.status >= 500 || NOT_THE_CLIENTS.has(answer.status)) {
    cut(answer.body);
    throw new TargetRefused(answer.status, retryAfterSeconds(answer.headers["retry-after"]));
  }
  const text = await readAll(decodedBody(answer), MAX_ERROR_BYTES).then(String, () => "");
  return { status: answer.status, error: scrubbedError(errorIn(text), target) };
}

function errorIn(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    const body = Array.isArray(parsed) ? parsed[0] : parsed;
    if (typeof body !== "object" || body === null) return null;
    if ("error" in body) return body.error;
    return "message" in body || "detail" in body ? body : null;
  } catch {
    return null;
  }
}

/** Seconds, from either form that HTTP allows (RFC 9110 §10.2.3). */
function retryAfterSeconds(value: string | string[] | undefined): number | null {
  if (typeof value !== "string") return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null;
}
