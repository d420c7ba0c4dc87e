import { z } from "zod";
import { ListModels } from "#lib/providers/list-models-setting";
import { ExtraFields, openAiApi } from "#lib/providers/openai-api";
import { openAiWires, RESPONSES_WIRE } from "#lib/providers/openai-wires";
import { passToOpenAi } from "#lib/providers/passed-headers";
import { PricesOf } from "#lib/providers/prices-of-setting";
import { providerType } from "#lib/providers/provider-type";

// Reasoning models take no `max_tokens`.
const WIRES = [...openAiWires({ chatOutputLimitField: "max_completion_tokens" }), RESPONSES_WIRE];

/** OpenAI's own API. */
export const openAi = providerType({
  ...openAiApi,
  baseUrl: { kind: "default", url: "https://api.openai.com/v1" },
  credentialsRequired: true,
  settings: z.strictObject({ list_models: ListModels, prices_of: PricesOf, extra_fields: ExtraFields }),
  wires: ({ extra_fields: extraFields }) =>
    WIRES.map((wire) => ({ ...wire, passHeaders: passToOpenAi, keepsSearchBound: true, extraFields })),
});
