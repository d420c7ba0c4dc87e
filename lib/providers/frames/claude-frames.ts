import { parsedJson, textIn } from "#lib/providers/read-json";
import type { UpstreamAnswer } from "#lib/providers/wire";
import { eventNamed, failureIn, framedAnswer } from "./bedrock-answer";
import type { Frame } from "./event-stream";

const NOTHING = Buffer.alloc(0);

/** The answer of Bedrock to a request for Claude, as Anthropic would have given it. */
export const claudeAnswer = (answer: UpstreamAnswer): UpstreamAnswer => framedAnswer(answer, eventOf);

function eventOf(frame: Frame): Buffer {
  const failed = failureIn(frame);
  if (failed !== null) return failure(failed.name, failed.message);
  const encoded = frame.headers.get(":event-type") === "chunk" ? bytesIn(frame.payload) : null;
  if (encoded === null) return NOTHING;
  const event = Buffer.from(encoded, "base64");
  const type = typeOf(event);
  if (type === null) return NOTHING;
  return eventNamed(type, event);
}

const BYTES = '{"bytes":"';

/** The event in `{"bytes": "…", "p": "…"}`, in base64, which needs no escapes: so most frames need no parser. */
function bytesIn(payload: Buffer): string | null {
  const text = payload.toString("latin1");
  const end = text.startsWith(BYTES) ? text.indexOf('"', BYTES.length) : -1;
  const plain = text.slice(BYTES.length, Math.max(end, 0));
  return end === -1 || plain.includes("\\") ? textIn(parsedJson(payload.toString("utf8")), "bytes") : plain;
}

const START_BYTES = 100;

/** Nearly all events begin with their type. */
function typeOf(event: Buffer): string | null {
  const start = event.toString("latin1", 0, START_BYTES);
  const [, first] = /^\s{0,8}\{\s{0,8}"type"\s{0,8}:\s{0,8}"(\w{1,64})"/.exec(start) ?? [];
  if (first !== undefined) return first;
  const type = textIn(parsedJson(event.toString("utf8")), "type");
  return type !== null && /^\w{1,64}$/.test(type) ? type : null;
}

/** Bedrock's exceptions as Anthropic's types of errors; the others are errors of the API. */
const TYPES: Readonly<Record<string, string>> = {
  throttlingException: "rate_limit_error",
  serviceQuotaExceededException: "rate_limit_error",
  serviceUnavailableException: "overloaded_error",
  modelTimeoutException: "timeout_error",
  validationException: "invalid_request_error",
  accessDeniedException: "permission_error",
};

function failure(code: string, message: string): Buffer {
  const error = { type: TYPES[code] ?? "api_error", message, code };
  return Buffer.from(`event: error\ndata: ${JSON.stringify({ type: "error", error })}\n\n`);
}
