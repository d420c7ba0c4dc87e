import { randomUUID } from "node:crypto";
import { z } from "zod";
import { providers } from "#lib/db/schema/routing";
import { credentialsOf } from "#lib/providers/open-provider";
import { sealIn } from "#lib/services/sealing";
import { verb } from "#lib/services/verb";
import { checkedBaseUrl } from "./base-url";
import { nameTaken, Provider, providerFields, toProvider } from "./provider";
import { recordRoutingAudit } from "./record-routing-audit";
import type { RoutingContext } from "./routing-context";
import { sealSettings } from "./sealed-parts";
import { checkAgainstType, TypeName } from "./type-fields";

/**
 * Creates a provider, with its credentials sealed, and audits it.
 * @throws ServiceError "invalid", "conflict" for a name that is taken
 */
export const createProvider = verb({
  role: "admin",
  input: z.strictObject({
    ...providerFields,
    type: TypeName.describe("The kind of provider. It cannot be changed later."),
    enabled: providerFields.enabled.default(true),
  }),
  output: Provider,
  run: async (ctx: RoutingContext, { name, type, enabled, settings = {}, ...input }) => {
    const { BLOCK_PRIVATE_UPSTREAMS } = ctx.config;
    const baseUrl = input.base_url ? checkedBaseUrl(input.base_url, BLOCK_PRIVATE_UPSTREAMS) : null;
    const credentials = checkAgainstType({ type, baseUrl, settings, credentials: input.credentials ?? null });
    const id = randomUUID();
    return ctx.db.transaction(async (tx) => {
      const seal = await sealIn(tx, ctx.config);
      const sealed = credentials === null ? null : seal(JSON.stringify(credentials), credentialsOf(id));
      const stored = sealSettings(settings, { id, keys: ctx.config, seal, before: null });
      const [created] = await tx
        .insert(providers)
        .values({ id, name, type, baseUrl, credentials: sealed, ...stored, enabled })
        .onConflictDoNothing({ target: providers.name })
        .returning();
      if (created === undefined) throw nameTaken(name);
      const provider = toProvider(created);
      await recordRoutingAudit(tx, ctx, "provider", "create", { id: provider.id, after: provider });
      return provider;
    });
  },
});
