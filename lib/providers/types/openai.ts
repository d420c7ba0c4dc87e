import { z } from "zod";
import { ApiKeyCredentials, bearer } from "#lib/providers/bearer";
import { probeOpenAi } from "#lib/providers/openai-probe";
import { openAiWires } from "#lib/providers/openai-wires";
import { providerType } from "#lib/providers/provider-type";

// Reasoning models take no `max_tokens`.
const WIRES = openAiWires({ chatOutputLimitField: "max_completion_tokens" });

/** OpenAI's own API. */
export const openAi = providerType({
  baseUrl: { kind: "default", url: "https://api.openai.com/v1" },
  credentials: ApiKeyCredentials,
  credentialsRequired: true,
  settings: z.strictObject({}),
  sign: bearer,
  wires: () => WIRES,
  probe: probeOpenAi,
});
