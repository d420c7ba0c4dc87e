import { ASKS_NOTHING, NO_USAGE, type Usage } from "#lib/credit/prices/meters";
import { NO_OUTPUT_BOUNDS } from "#lib/dialects/bounds/read-limits";
import { NOTHING_ASKED } from "#lib/dialects/bounds/reasoning-settings";
import { NO_CALL_GROWTH, NOTHING_DROPPED } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import type { EventReader } from "#lib/dialects/events/stream-meter";
import { NO_CLIENT_HEADERS } from "#lib/dialects/headers/client-headers";
import { NO_MEDIA } from "#lib/dialects/media/media";
import { setFields, topLevelFields } from "#lib/dialects/text/json-fields";
import { parseObject } from "#lib/dialects/text/parse-object";
import { NO_REWRITING } from "#lib/dialects/text/rewritten-json";
import { isPartial } from "#lib/dialects/usage";
import { ApiError } from "#lib/http/api-error";

const PART = "dummy.part";
const END = "dummy.end";

/** A stream of `dummy.part` events, which ends in one `dummy.end` with the usage. */
const events: EventReader = {
  names: new Set([PART, END]),
  read: (meter, payload, name) => {
    meter.contentEvents += 1;
    meter.hasContent = true;
    if (name !== END) return "relay";
    meter.usage = usageOf(JSON.parse(payload.toString("utf8")));
    meter.done = true;
    return "drop";
  },
  terminal: ({ usage }) => {
    const units = usage === null || isPartial(usage) ? 0 : usage.inputTokens;
    return Buffer.from(`event: ${END}\ndata: {"units_in":${units}}\n\n`);
  },
  failed: ({ message }) =>
    Buffer.from(`event: dummy.failed\ndata: ${JSON.stringify({ fault: message })}\n\n`),
};

/** A dialect that shares nothing with chat: its fields, events, usage and errors are its own, and nothing is bounded. */
export const dummy: Dialect = {
  name: "dummy",
  endpoint: "dummies",
  promptField: "text",
  windowHoldsBound: true,
  parse: (json) => {
    const { model, text, stream } = parseObject(json);
    if (typeof model !== "string" || typeof text !== "string") {
      throw new ApiError("invalid_request", "`model` and `text` must be strings.", { param: "text" });
    }
    return {
      json,
      fields: topLevelFields(json),
      model,
      stream: stream === true,
      maxOutputTokens: null,
      defaultOutputTokens: null,
      outputBounds: NO_OUTPUT_BOUNDS,
      predictedTexts: [],
      reasoning: NOTHING_ASKED,
      unknownFields: [],
      answers: 0,
      withheldAnswers: 0,
      echoedTokens: 0,
      prompts: 1,
      messageCount: 1,
      givenTokens: 0,
      hasTools: false,
      mayGetTools: false,
      runByProxy: null,
      textTokens: 1,
      growth: NO_CALL_GROWTH,
      media: NO_MEDIA,
      rewriting: () => NO_REWRITING,
      asks: ASKS_NOTHING,
      searches: null,
      passUsage: true,
      dropped: NOTHING_DROPPED,
    };
  },
  readHeaders: () => NO_CLIENT_HEADERS,
  edit: ({ json, fields }, { upstreamModel }) =>
    setFields(json, fields, { model: JSON.stringify(upstreamModel) }),
  prompt: ({ json }) => ({ texts: [json], structureTokens: 0, characters: json.length }),
  promptSpans: () => ({ spans: [], tokensPerContainer: 0, tokensPerField: 0 }),
  promptTexts: ({ json }) => [json],
  events,
  readWhole: async (bytes) => ({
    said: "content",
    error: null,
    usage: usageOf(JSON.parse(bytes.toString("utf8"))),
    outputTokens: 0,
    statedCostPicoUsd: null,
  }),
  assembler: () => {
    let last = "{}";
    return {
      add: (payload) => {
        last = payload;
      },
      whole: () => Buffer.from(last),
    };
  },
  split: (whole) => Buffer.from(`event: ${END}\ndata: ${whole.toString("utf8")}\n\n`),
  refusedField: () => null,
  pastReasoning: null,
  counting: null,
  errors: {
    body: ({ code, message }, requestId) => JSON.stringify({ dummy_fault: { code, message, requestId } }),
    headers: ({ code }) => ({ "x-dummy-code": code }),
    providerError: ({ message }, requestId) => JSON.stringify({ dummy_fault: { message, requestId } }),
  },
};

function usageOf(body: unknown): Usage | null {
  if (typeof body !== "object" || body === null || !("units_in" in body)) return null;
  return { ...NO_USAGE, inputTokens: Number(body.units_in) };
}
