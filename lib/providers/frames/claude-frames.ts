import { decodedBody } from "#lib/providers/decode-body";
import { parsedJson, textIn } from "#lib/providers/read-json";
import type { UpstreamAnswer } from "#lib/providers/wire";
import { type Frame, frameReader } from "./event-stream";
import { mappedBody } from "./mapped-body";

const NOTHING = Buffer.alloc(0);
/** Bedrock leaves out the pings of Anthropic's streams, without which proxies take a thinking model for dead. */
const KEEP_ALIVE = { afterMs: 15_000, bytes: Buffer.from(": keep-alive\n\n") };

/** The answer of Bedrock to a request for Claude, as Anthropic would have given it. */
export function claudeAnswer(answer: UpstreamAnswer): UpstreamAnswer {
  const { headers, status } = answer;
  if (status >= 400) return { ...answer, status: statusOf(headers["x-amzn-errortype"]) ?? status };
  if (!String(headers["content-type"]).includes("application/vnd.amazon.eventstream")) return answer;
  const { "content-encoding": _, ...others } = headers;
  return {
    status,
    headers: { ...others, "content-type": "text/event-stream" },
    body: mappedBody(decodedBody(answer), claudeEvents()),
  };
}

/** Makes events of frames, as Anthropic names them. */
export function claudeEvents() {
  const { push, end } = frameReader();
  return {
    push: (chunk: Buffer) => Buffer.concat(push(chunk).map(eventOf)),
    end: () => {
      end();
      return NOTHING;
    },
    idle: KEEP_ALIVE,
  };
}

function eventOf({ headers, payload }: Frame): Buffer {
  const kind = headers.get(":message-type");
  if (kind === "exception") {
    const message = textIn(parsedJson(payload.toString("utf8")), "message");
    return failure(headers.get(":exception-type"), message ?? undefined);
  }
  if (kind === "error") return failure(headers.get(":error-code"), headers.get(":error-message"));
  const encoded = headers.get(":event-type") === "chunk" ? bytesIn(payload) : null;
  if (encoded === null) return NOTHING;
  const event = Buffer.from(encoded, "base64");
  const type = typeOf(event);
  if (type === null) return NOTHING;
  return Buffer.concat([Buffer.from(`event: ${type}\ndata: `), oneLine(event), END]);
}

const END = Buffer.from("\n\n");
const BYTES = '{"bytes":"';

/** The event in `{"bytes": "…", "p": "…"}`, in base64, which needs no escapes: so most frames need no parser. */
function bytesIn(payload: Buffer): string | null {
  const text = payload.toString("latin1");
  const end = text.startsWith(BYTES) ? text.indexOf('"', BYTES.length) : -1;
  const plain = text.slice(BYTES.length, Math.max(end, 0));
  return end === -1 || plain.includes("\\") ? textIn(parsedJson(payload.toString("utf8")), "bytes") : plain;
}

/** An event's payload is one line, but for white space between its fields. */
function oneLine(event: Buffer): Buffer {
  if (event.indexOf(10) === -1 && event.indexOf(13) === -1) return event;
  return Buffer.from(event.toString("utf8").replace(/\r\n|\r|\n/g, "\ndata: "));
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

function failure(name = "unknown", message = "The provider's stream failed."): Buffer {
  const code = name.charAt(0).toLowerCase() + name.slice(1);
  const error = { type: TYPES[code] ?? "api_error", message, code };
  return Buffer.from(`event: error\ndata: ${JSON.stringify({ type: "error", error })}\n\n`);
}

/** What AWS's names of errors are about, where its status does not say: our keys, or our account's limits. */
const STATUSES: readonly [RegExp, number][] = [
  [
    /^(?:AccessDenied|ExpiredToken|IncompleteSignature|InvalidClientTokenId|InvalidSignature|MissingAuthenticationToken|NotAuthorized|OptInRequired|RequestExpired|SignatureDoesNotMatch|UnrecognizedClient)/,
    403,
  ],
  [/^(?:Throttling|TooManyRequests|ServiceQuotaExceeded|LimitExceeded)/, 429],
];

/** @param type such as `ThrottlingException:http://internal.amazon.com/…` */
function statusOf(type: string | string[] | undefined): number | undefined {
  return STATUSES.find(([name]) => name.test(String(type ?? "")))?.[1];
}
