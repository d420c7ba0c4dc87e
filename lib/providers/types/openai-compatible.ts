import { z } from "zod";
import { ANTHROPIC_WIRES } from "#lib/providers/anthropic-wires";
import { ExtraHeaders } from "#lib/providers/extra-headers";
import { ListModels } from "#lib/providers/list-models-setting";
import { ExtraFields, openAiApi } from "#lib/providers/openai-api";
import { openAiWires, RESPONSES_WIRE } from "#lib/providers/openai-wires";
import { passToAnthropicLike } from "#lib/providers/passed-headers";
import { PricesOf } from "#lib/providers/prices-of-setting";
import { providerType } from "#lib/providers/provider-type";

/** What such a server may serve, by the names of dialects. */
const DIALECTS = ["chat", "completions", "embeddings", "responses", "messages"] as const;
/** Wires that go with a dialect's. */
const GOES_WITH: ReadonlyMap<string, string> = new Map([["count_tokens", "messages"]]);

const Settings = z.strictObject({
  dialects: z
    .array(z.enum(DIALECTS, `Choose from: ${DIALECTS.join(", ")}.`))
    .min(1, "Give at least one.")
    .optional()
    .describe(
      "The endpoints that the provider serves: `chat` (/v1/chat/completions), `completions`, `embeddings`, `responses` and `messages`. Default: chat, completions and embeddings. Each is sent with the same credentials, as a bearer token.",
    ),
  output_limit_field: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be a field name, such as "max_completion_tokens"')
    .optional()
    .describe(
      "The name under which the provider reads the output bound. Default: max_tokens. Where a hard budget applies, this is the only name that is sent.",
    ),
  stream_usage: z
    .boolean()
    .optional()
    .describe(
      "Whether streams are asked for their usage with `stream_options`. Default: true. False: `stream_options` is never sent; a stream that reports no usage is charged as estimated.",
    ),
  stops_on_disconnect: z
    .boolean()
    .optional()
    .describe(
      "Whether the provider stops, and stops billing, when the connection of a stream is closed. Default: by its address. False: under a hard budget, the stream of a client that disconnects is read to its end.",
    ),
  keeps_search_bound: z
    .boolean()
    .optional()
    .describe(
      "Whether the provider makes no more searches than a request allows: `max_uses` of a message's search tool, `max_tool_calls` of a response. Default: false. True passes its search tools on for models whose price has `web_search_per_call`.",
    ),
  headers: ExtraHeaders,
  list_models: ListModels,
  prices_of: PricesOf,
  extra_fields: ExtraFields,
});

/** Any other API that speaks OpenAI's dialects: hosted (Groq, DeepSeek …) or your own (vLLM, Ollama …). */
export const openAiCompatible = providerType({
  ...openAiApi,
  baseUrl: { kind: "required" },
  credentialsRequired: false,
  settings: Settings,
  // Few of them know `max_completion_tokens`.
  wires: (settings) => {
    const { output_limit_field: chatOutputLimitField = "max_tokens", stream_usage: streamUsage } = settings;
    const { stops_on_disconnect: stopsOnDisconnect, extra_fields: extraFields } = settings;
    const { keeps_search_bound: keepsSearchBound } = settings;
    // What nearly all of them serve.
    const usual = openAiWires({ chatOutputLimitField, streamUsage });
    const anthropic = ANTHROPIC_WIRES.map((wire) => ({ ...wire, passHeaders: passToAnthropicLike }));
    const named: readonly string[] | undefined = settings.dialects;
    const wires =
      named === undefined
        ? usual
        : [...usual, RESPONSES_WIRE, ...anthropic].filter(({ dialect }) =>
            named.includes(GOES_WITH.get(dialect) ?? dialect),
          );
    return wires.map((wire) => ({ ...wire, stopsOnDisconnect, keepsSearchBound, extraFields }));
  },
});
