import { z } from "zod";
import { ANTHROPIC_WIRES } from "#lib/providers/anthropic-wires";
import { ApiKeyCredentials, apiKeyHeader } from "#lib/providers/bearer";
import { ListModels } from "#lib/providers/list-models-setting";
import { listAnthropicModels } from "#lib/providers/models-list";
import { probeAnthropic } from "#lib/providers/models-probe";
import { ExtraFields } from "#lib/providers/openai-api";
import { passToAnthropic } from "#lib/providers/passed-headers";
import { PricesOf } from "#lib/providers/prices-of-setting";
import { providerType } from "#lib/providers/provider-type";

/** Anthropic's own API. */
export const anthropic = providerType({
  baseUrl: { kind: "default", url: "https://api.anthropic.com/v1", versionSegment: "v1" },
  credentials: ApiKeyCredentials,
  credentialsRequired: true,
  settings: z.strictObject({ list_models: ListModels, prices_of: PricesOf, extra_fields: ExtraFields }),
  sign: apiKeyHeader,
  wires: ({ extra_fields: extraFields }) =>
    ANTHROPIC_WIRES.map((wire) => ({
      ...wire,
      passHeaders: passToAnthropic,
      keepsSearchBound: true,
      extraFields,
    })),
  probe: probeAnthropic,
  listModels: listAnthropicModels,
});
