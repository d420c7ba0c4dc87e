import type { Dispatcher } from "undici";
import { request } from "undici";
import { AddressNotAllowed } from "#lib/providers/address";

const TIMEOUT_MS = 10_000;
const MOST_EXCERPT_BYTES = 1024;

/** How an attempt ended; `error` is null for an answer of 2xx. */
export type Posted = {
  httpStatus: number | null;
  error: string | null;
  latencyMs: number;
  responseExcerpt: string | null;
};

/**
 * Sends one body. Follows no redirect, reads the beginning of the answer alone, and takes ten seconds in all. The agent
 * judges the address that it connects to.
 */
export async function postWebhook(
  agent: Dispatcher,
  { url, headers, body }: { url: string; headers: Record<string, string>; body: string },
  timeoutMs: number = TIMEOUT_MS,
): Promise<Posted> {
  const startedAt = performance.now();
  const ended = (rest: Omit<Posted, "latencyMs">): Posted => ({
    ...rest,
    latencyMs: Math.round(performance.now() - startedAt),
  });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await request(url, {
      dispatcher: agent,
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "tollgate-webhooks", ...headers },
      body,
      signal,
    });
    const { statusCode: httpStatus } = answer;
    const responseExcerpt = await beginningOf(answer.body);
    return ended({ httpStatus, responseExcerpt, error: errorOf(httpStatus) });
  } catch (error) {
    return ended({ httpStatus: null, responseExcerpt: null, error: reasonOf(error, signal) });
  }
}

function errorOf(httpStatus: number): string | null {
  if (httpStatus >= 200 && httpStatus < 300) return null;
  if (httpStatus >= 300 && httpStatus < 400) return `It answered ${httpStatus}: redirects are not followed.`;
  return `It answered ${httpStatus}.`;
}

/** The status decides: an answer whose body stalls or breaks is judged by it all the same. */
async function beginningOf(body: Dispatcher.ResponseData["body"]): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      const piece = Buffer.from(chunk);
      chunks.push(piece);
      bytes += piece.length;
      if (bytes >= MOST_EXCERPT_BYTES) break;
    }
  } catch {
    // What has arrived is the excerpt.
  } finally {
    body.destroy();
  }
  // PostgreSQL stores no NUL.
  const text = Buffer.concat(chunks).subarray(0, MOST_EXCERPT_BYTES).toString("utf8").replaceAll("\0", "");
  return text === "" ? null : text;
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (error instanceof AddressNotAllowed) return "The host's address is not allowed.";
  if (signal.aborted) return "It did not answer in time.";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "The host name was not found.";
  if (code === "ECONNREFUSED") return "The connection was refused.";
  if (/CERT|SELF_SIGNED|TLS|SSL/.test(code)) return `The TLS certificate was not accepted (${code}).`;
  return code === "" ? "The connection failed." : `The connection failed (${code}).`;
}
