import { z } from "zod";
import { PROVIDER_PRESETS } from "#lib/providers/presets";
import { verb } from "#lib/services/verb";
import type { RoutingContext } from "./routing-context";
import { Settings, TypeName } from "./type-fields";

const ProviderPresets = z
  .object({
    data: z.array(
      z.object({
        name: z.string(),
        type: TypeName,
        base_url: z.string().describe("May have placeholders to replace, like `{account_id}`."),
        settings: Settings,
      }),
    ),
  })
  .meta({ id: "ProviderPresets" });

/** Lists what is known of providers that people use, as `POST /providers` takes it. */
export const listProviderPresets = verb({
  role: "admin",
  input: z.strictObject({}),
  output: ProviderPresets,
  run: async (_ctx: Pick<RoutingContext, "actor">) => ({
    data: PROVIDER_PRESETS.map(({ name, type, baseUrl, settings }) => ({
      name,
      type,
      base_url: baseUrl,
      settings: { ...settings },
    })),
  }),
});
