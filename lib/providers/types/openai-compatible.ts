import { z } from "zod";
import { ApiKeyCredentials, bearer } from "#lib/providers/bearer";
import { probeOpenAi } from "#lib/providers/openai-probe";
import { openAiWires } from "#lib/providers/openai-wires";
import { providerType } from "#lib/providers/provider-type";

// Few of them know `max_completion_tokens`.
const WIRES = openAiWires({ chatOutputLimitField: "max_tokens" });

/** Any other API that speaks OpenAI's dialects: hosted (Groq, DeepSeek …) or your own (vLLM, Ollama …). */
export const openAiCompatible = providerType({
  baseUrl: { kind: "required" },
  credentials: ApiKeyCredentials,
  credentialsRequired: false,
  settings: z.strictObject({}),
  sign: bearer,
  wires: () => WIRES,
  probe: probeOpenAi,
});
