import { z } from "zod";
import { openAiApi } from "#lib/providers/openai-api";
import { openAiWires } from "#lib/providers/openai-wires";
import { providerType } from "#lib/providers/provider-type";

// Few of them know `max_completion_tokens`.
const WIRES = openAiWires({ chatOutputLimitField: "max_tokens" });

/** Any other API that speaks OpenAI's dialects: hosted (Groq, DeepSeek …) or your own (vLLM, Ollama …). */
export const openAiCompatible = providerType({
  ...openAiApi,
  baseUrl: { kind: "required" },
  credentialsRequired: false,
  settings: z.strictObject({}),
  wires: () => WIRES,
});
