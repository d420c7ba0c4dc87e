import { Readable } from "node:stream";
import type { WholeAnswer } from "#lib/dialects/said";
import { readProviderError } from "#lib/gateway/provider-errors/provider-error";
import type { ErrorFields } from "#lib/http/api-error";
import { bodyOf } from "#lib/providers/upstream-body";
import type { Target } from "#lib/providers/wire";

/** A dialect's reader for errors that report no usage. */
export const noUsage = async (): Promise<WholeAnswer> => ({
  said: "error",
  error: null,
  usage: null,
  outputTokens: 0,
  statedCostPicoUsd: null,
});

/** Reads an error that a provider answers with: a JSON value, or any other text. */
export async function readErrorAnswer(target: Target, status: number, body: unknown): Promise<ErrorFields> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = {
    status,
    headers: { "content-type": "application/json" },
    body: bodyOf(Readable.from([Buffer.from(text)])),
  };
  return (await readProviderError(answer, target, noUsage)).error;
}
