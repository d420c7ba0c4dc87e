import { decodedBody } from "#lib/providers/decode-body";
import { parsedJson, textIn } from "#lib/providers/read-json";
import type { UpstreamAnswer } from "#lib/providers/wire";
import { type Frame, frameReader } from "./event-stream";
import { mappedBody } from "./mapped-body";

/** Bedrock sends nothing while a model thinks, for which proxies take it for dead. */
const KEEP_ALIVE = { afterMs: 15_000, bytes: Buffer.from(": keep-alive\n\n") };

/**
 * An answer of Bedrock as one of events, and of an error with the status that its name means.
 * @param eventOf the event of a frame; nothing for one that is none
 */
export function framedAnswer(answer: UpstreamAnswer, eventOf: (frame: Frame) => Buffer): UpstreamAnswer {
  const { headers, status } = answer;
  if (status >= 400) return { ...answer, status: statusOf(headers["x-amzn-errortype"]) ?? status };
  if (!String(headers["content-type"]).includes("application/vnd.amazon.eventstream")) return answer;
  const { "content-encoding": _, ...others } = headers;
  const { push, end } = frameReader();
  const events = {
    push: (chunk: Buffer) => Buffer.concat(push(chunk).map(eventOf)),
    end: () => {
      end();
      return Buffer.alloc(0);
    },
    idle: KEEP_ALIVE,
  };
  return {
    status,
    headers: { ...others, "content-type": "text/event-stream" },
    body: mappedBody(decodedBody(answer), events),
  };
}

/** What a frame says has failed, by AWS's name for it; null for one that says something else. */
export function failureIn({ headers, payload }: Frame): { name: string; message: string } | null {
  switch (headers.get(":message-type")) {
    case "exception":
      return failed(headers.get(":exception-type"), textIn(parsedJson(payload.toString("utf8")), "message"));
    case "error":
      return failed(headers.get(":error-code"), headers.get(":error-message") ?? null);
    default:
      return null;
  }
}

const failed = (name = "unknown", message: string | null = null) => ({
  name: name.charAt(0).toLowerCase() + name.slice(1),
  message: message ?? "The provider's stream failed.",
});

/** An event. Its payload is one line, but for white space between its fields. */
export const eventNamed = (name: string, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`event: ${name}\ndata: `), oneLine(payload), END]);

const END = Buffer.from("\n\n");

function oneLine(payload: Buffer): Buffer {
  if (payload.indexOf(10) === -1 && payload.indexOf(13) === -1) return payload;
  return Buffer.from(payload.toString("utf8").replace(/\r\n|\r|\n/g, "\ndata: "));
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
