import type { Dispatcher } from "undici";
import { fieldIn, parsedJson, readAtMost, textIn } from "#lib/providers/read-json";
import { UpstreamTimeout, UpstreamUnreachable } from "#lib/providers/upstream-error";

/** A request to a server that issues tokens (RFC 6749). */
export type TokenRequest = {
  /** Fixed by the provider's type, so that no setting sends the credentials elsewhere. */
  url: string;
  form: Readonly<Record<string, string>>;
};

export type IssuedToken = { value: string; lifetimeMs: number };

const DEADLINE_MS = 10_000;
const MAX_BYTES = 64 * 1024;
/** What an issuer means that does not say. */
const DEFAULT_LIFETIME_S = 3_600;
const LONGEST_LIFETIME_S = 24 * 3_600;

/**
 * Exchanges credentials for a token.
 * @throws UpstreamTimeout or UpstreamUnreachable, which name the issuer's code for the error at most: its message may
 * quote the request
 */
export async function fetchToken({ url, form }: TokenRequest, agent: Dispatcher): Promise<IssuedToken> {
  const { origin, pathname } = new URL(url);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  let status: number;
  let answer: unknown;
  try {
    const { statusCode, body } = await agent.request({
      origin,
      path: pathname,
      method: "POST",
      headers: ["content-type", "application/x-www-form-urlencoded", "accept", "application/json"],
      body: new URLSearchParams(form).toString(),
      signal,
    });
    status = statusCode;
    answer = parsedJson((await readAtMost(body, MAX_BYTES)).bytes.toString("utf8"));
  } catch (cause) {
    if (signal.aborted)
      throw new UpstreamTimeout("The provider's token server did not answer in time", false);
    throw new UpstreamUnreachable("The provider's token server could not be reached", false, {
      cause: withoutMessage(cause),
    });
  }
  const token = textIn(answer, "access_token");
  // It travels in a header.
  if (status !== 200 || token === null || !/^[\x21-\x7e]+$/.test(token)) throw rejected(status, answer);
  const given = fieldIn(answer, "expires_in") ?? DEFAULT_LIFETIME_S;
  const seconds = typeof given === "string" || typeof given === "number" ? Number(given) : Number.NaN;
  const lifetimeS = Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), LONGEST_LIFETIME_S) : 0;
  return { value: token, lifetimeMs: lifetimeS * 1000 };
}

function rejected(status: number, answer: unknown): UpstreamUnreachable {
  const code = textIn(answer, "error");
  const named = code !== null && /^[a-z_]{1,40}$/.test(code) ? `, ${code}` : "";
  return new UpstreamUnreachable(
    `The provider's token server issued no token (status ${status}${named})`,
    false,
  );
}

/** The kind of an error and its code: addresses are ours alone. */
function withoutMessage(cause: unknown): Error {
  const code = fieldIn(cause, "code");
  return new Error(typeof code === "string" ? code : "unknown");
}
