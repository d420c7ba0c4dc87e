import type { WholeAnswer } from "#lib/dialects/dialect";
import { ApiError } from "#lib/http/api-error";
import { readUsage } from "./usage";

/**
 * Reads a whole chat completion.
 * @throws ApiError upstream_error for anything else
 */
export function readWholeChat(bytes: Buffer): WholeAnswer {
  const body = parse(bytes);
  if (typeof body !== "object" || body === null || !("choices" in body) || !Array.isArray(body.choices)) {
    throw notAnAnswer();
  }
  const usage = readUsage("usage" in body ? body.usage : undefined);
  return { usage, outputBytes: usage === null ? Buffer.byteLength(JSON.stringify(body.choices)) : 0 };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw notAnAnswer(cause);
  }
}

const notAnAnswer = (cause?: unknown) =>
  new ApiError("upstream_error", "The provider's answer is not a chat completion.", { cause });
