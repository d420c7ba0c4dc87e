import { z } from "zod";
import { ExtraFields, openAiApi } from "#lib/providers/openai-api";
import { openAiWires } from "#lib/providers/openai-wires";
import { providerType } from "#lib/providers/provider-type";

const Settings = z.strictObject({
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
    return openAiWires({ chatOutputLimitField, streamUsage }).map((wire) => ({
      ...wire,
      stopsOnDisconnect,
      extraFields,
    }));
  },
});
