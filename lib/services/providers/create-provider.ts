import { z } from "zod";
import { seal } from "#lib/config/seal";
import { providers } from "#lib/db/schema/routing";
import { parseInput } from "#lib/http/parse-input";
import { recordAudit } from "#lib/services/audit/record-audit";
import { checkedBaseUrl } from "./base-url";
import { nameTaken, type Provider, providerFields, toProvider } from "./provider";
import { type RoutingContext, requireRoutingAdministrator } from "./routing-context";
import { checkAgainstType, TypeName } from "./type-fields";

export const CreateProviderInput = z.strictObject({
  ...providerFields,
  type: TypeName.describe("What kind of provider this is. Cannot be changed later."),
  enabled: providerFields.enabled.default(true),
});

/**
 * Makes a provider, its credentials sealed, and audits it.
 * @throws ServiceError "invalid", "conflict" for a name that is taken, "forbidden" for all but administrators
 */
export async function createProvider(
  ctx: RoutingContext,
  input: z.input<typeof CreateProviderInput>,
): Promise<Provider> {
  requireRoutingAdministrator(ctx);
  const { name, type, enabled, settings = {}, ...asked } = parseInput(CreateProviderInput, input);
  const baseUrl = asked.base_url ? checkedBaseUrl(asked.base_url, ctx.config.BLOCK_PRIVATE_UPSTREAMS) : null;
  const credentials = checkAgainstType({ type, baseUrl, settings, credentials: asked.credentials ?? null });
  const sealed = credentials !== null ? seal(JSON.stringify(credentials), ctx.config.ENCRYPTION_KEY) : null;
  return ctx.db.transaction(async (tx) => {
    const [made] = await tx
      .insert(providers)
      .values({ name, type, baseUrl, credentials: sealed, settings, enabled })
      .onConflictDoNothing({ target: providers.name })
      .returning();
    if (made === undefined) throw nameTaken(name);
    const provider = toProvider(made);
    await recordAudit(tx, ctx, {
      action: "provider.create",
      subjectType: "provider",
      subjectId: provider.id,
      organizationId: null,
      after: provider,
    });
    return provider;
  });
}
