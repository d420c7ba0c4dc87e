import type { Call } from "#lib/dialects/call";
import type { AnswerDialect } from "#lib/dialects/dialect";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { bodyOf } from "#lib/dialects/text/parsed-object";
import { unlessRejected } from "#lib/http/api-error";
import { type UpstreamBody, upstreamBody } from "#lib/providers/upstream-body";
import type { UpstreamAnswer } from "#lib/providers/wire";
import { EXACT_FIELDS } from "#lib/translation/arguments-json";
import { CLIENTS, WIRES } from "#lib/translation/registry";
import { type Translation, translation } from "#lib/translation/translation";
import type { EncodeOptions } from "#lib/translation/turn";

export const PROVIDER_ID = "00000000-0000-0000-0000-000000000001";
export const MAX_BYTES = 64 * 1024 * 1024;

const found = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("no such format");
  return value;
};

export const clientNamed = (name: string) => found(CLIENTS.find(({ dialect }) => dialect.name === name));
export const wireNamed = (name: string) => found(WIRES.find((wire) => wire.name === name));

/** A translation between a client's dialect and a wire, by their names. */
export const translationOf = (
  dialect: string,
  wire: string,
  upstreamModel: string,
  outputLimitField: string | null = "max_tokens",
): Translation =>
  translation(clientNamed(dialect), wireNamed(wire), {
    providerId: PROVIDER_ID,
    credentialId: "",
    upstreamModel,
    outputLimitField,
    streamUsage: true,
  });

/** A request, parsed as its dialect parses it. */
export const callOf = (dialect: string, body: object): Call =>
  clientNamed(dialect).dialect.parse(JSON.stringify(body));

/** The same; null for what the dialect rejects. */
export const acceptedCall = (dialect: string, body: object): Call | null =>
  unlessRejected(() => callOf(dialect, body));

export const SENT = {
  outputLimitTokens: null,
  reasoningLimitTokens: null,
  requestId: "r",
  mostTokens: null,
  defaultMaxTokens: 8_192,
};

/** What an encoder gets besides the model. */
export const ENCODE_OPTIONS: Omit<EncodeOptions, "upstreamModel"> = {
  stream: false,
  maxTokens: 10_000,
  defaultMaxTokens: 4_096,
  reasoningLimitTokens: null,
  outputLimitField: "max_tokens",
  streamUsage: true,
  accepts: () => false,
};

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}

/**
 * What a request becomes on a wire.
 * @param outputLimitField the provider's name for the bound, where wires of the same form differ
 */
export function sentBy(
  dialect: string,
  wire: string,
  upstreamModel: string,
  body: object,
  outputLimitField?: string,
) {
  const lane = translationOf(dialect, wire, upstreamModel, outputLimitField);
  const call = callOf(dialect, body);
  // Other stages may have the same object: a change throws.
  freeze(bodyOf(call, EXACT_FIELDS));
  const { dropped, refused } = lane.plan(call);
  const { body: json } = lane.begin(call, SENT);
  const sent: JsonObject = JSON.parse(json);
  return { sent, dropped: [...call.dropped, ...dropped], refused: refused.map(({ at }) => at) };
}

/** A provider's answer of these pieces. */
export function answerOf(pieces: readonly (string | Buffer)[], status = 200): UpstreamAnswer {
  const filled = upstreamBody({ pause() {}, resume() {}, abort() {} });
  for (const piece of pieces) filled.push(Buffer.from(piece));
  filled.end();
  return { status, headers: {}, body: filled.body };
}

/** A stream of events with these payloads. */
export const eventsOf = (payloads: readonly (object | string)[]): string =>
  payloads
    .map((payload) => `data: ${typeof payload === "string" ? payload : JSON.stringify(payload)}\n\n`)
    .join("");

/** A provider's answer in the client's dialect, and the dialect to read it with. */
export function answering(
  dialect: string,
  wire: string,
  upstreamModel: string,
  request: object,
  pieces: readonly (string | Buffer)[],
): { call: Call; body: UpstreamBody; reading: AnswerDialect } {
  const call = callOf(dialect, request);
  const { answer } = translationOf(dialect, wire, upstreamModel).begin(call, SENT);
  const answered = answer(answerOf(pieces));
  return { call, body: answered.answer.body, reading: answered.dialect };
}

/**
 * What the client gets of a provider's bytes: its events if it asked for a stream, else the whole answer.
 * @param pieces one after the other, as they arrive
 */
export async function answeredBy(
  dialect: string,
  wire: string,
  request: object,
  pieces: readonly (string | Buffer)[],
  upstreamModel = "gemini-3.8-flash",
): Promise<string> {
  const { call, body } = answering(dialect, wire, upstreamModel, request, pieces);
  if (!call.stream) return (await body.whole(MAX_BYTES)).toString("utf8");
  let text = "";
  for await (const chunk of body.chunks()) text += chunk.toString("utf8");
  return text.replaceAll(":\n\n", "");
}
