import { Readable } from "node:stream";
import { readProviderError } from "#lib/gateway/provider-errors/provider-error";
import { bodyOf } from "#lib/providers/upstream-body";
import type { Target } from "#lib/providers/wire";

/** Reads an error that a provider answers with: a JSON value, or any other text. */
export function readErrorAnswer(target: Target, status: number, body: unknown) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = {
    status,
    headers: { "content-type": "application/json" },
    body: bodyOf(Readable.from([Buffer.from(text)])),
  };
  return readProviderError(answer, target);
}
