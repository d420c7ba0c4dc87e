import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { open, SealBroken, seal } from "#lib/config/seal";
import type { Tx } from "#lib/db/client";
import { providers } from "#lib/db/schema/routing";
import { violatedUnique } from "#lib/db/unique-violation";
import { invalidField } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import { effectiveBaseUrl } from "#lib/providers/registry";
import { recordAudit } from "#lib/services/audit/record-audit";
import { idField } from "#lib/services/fields";
import { lockModels } from "#lib/services/models/lock-models";
import { findCataloguePrice } from "#lib/services/prices/catalogue-price";
import { repriceTargets } from "#lib/services/prices/reprice-targets";
import { checkedBaseUrl } from "./base-url";
import { nameTaken, type Provider, type ProviderRow, providerFields, toProvider } from "./provider";
import { lockProvider } from "./read-provider";
import { type RoutingContext, requireRoutingAdministrator } from "./routing-context";
import { checkAgainstType } from "./type-fields";

export const UpdateProviderInput = z.strictObject({
  id: idField("provider"),
  ...providerFields,
  name: providerFields.name.optional(),
  base_url: providerFields.base_url.describe(
    "To another scheme, host or port only together with the credentials, which were given for the old one.",
  ),
  enabled: providerFields.enabled.optional(),
});
type Asked = z.output<typeof UpdateProviderInput>;

/**
 * Changes what is given and audits it. Where the host changes, targets whose price is a catalogue's get
 * the new host's, if a catalogue knows it.
 * @throws ServiceError "invalid" (also where the host changes and the credentials are not given again),
 * "not_found", "conflict" for a name that is taken, "forbidden" for all but administrators
 */
export async function updateProvider(
  ctx: RoutingContext,
  input: z.input<typeof UpdateProviderInput>,
): Promise<Provider> {
  requireRoutingAdministrator(ctx);
  const { id, ...asked } = parseInput(UpdateProviderInput, input);
  return ctx.db.transaction(async (tx) => {
    if (asked.base_url !== undefined) await lockModels(tx);
    const row = await lockProvider(tx, id);
    const changed = changedRow(ctx, row, asked);
    const newHost = originOf(changed) !== originOf(row);
    if (newHost && row.credentials !== null && asked.credentials === undefined) {
      throw invalidField(
        "credentials",
        "Give the credentials again: the stored ones are for another host, and are sent to no other.",
      );
    }
    const before = toProvider(row);
    const after = toProvider(changed);
    const newCredentials = changed.credentials !== row.credentials;
    if (!newCredentials && isDeepStrictEqual(before, after)) return before;
    await write(tx, changed);
    const repriced = newHost ? await repriceTargets(tx, findCataloguePrice, { providerId: id }) : [];
    await recordAudit(tx, ctx, {
      action: "provider.update",
      subjectType: "provider",
      subjectId: id,
      organizationId: null,
      before,
      after: {
        ...after,
        ...(newCredentials && changed.credentials !== null ? { credentials: "replaced" } : {}),
        ...(repriced.length > 0 ? { repriced } : {}),
      },
    });
    return after;
  });
}

function changedRow(ctx: RoutingContext, row: ProviderRow, asked: Omit<Asked, "id">): ProviderRow {
  const { ENCRYPTION_KEY, BLOCK_PRIVATE_UPSTREAMS } = ctx.config;
  const changed = { ...row };
  if (asked.name !== undefined) changed.name = asked.name;
  if (asked.enabled !== undefined) changed.enabled = asked.enabled;
  if (asked.settings !== undefined) changed.settings = asked.settings;
  if (asked.base_url !== undefined) {
    changed.baseUrl = asked.base_url ? checkedBaseUrl(asked.base_url, BLOCK_PRIVATE_UPSTREAMS) : null;
  }
  const stored = row.credentials === null ? null : undefined;
  const credentials = checkAgainstType({
    ...changed,
    credentials: asked.credentials === undefined ? stored : asked.credentials,
  });
  if (credentials === null) changed.credentials = null;
  else if (credentials !== undefined) {
    const text = JSON.stringify(credentials);
    if (row.credentials === null || opened(row.credentials, ENCRYPTION_KEY) !== text) {
      changed.credentials = seal(text, ENCRYPTION_KEY);
    }
  }
  return changed;
}

async function write(
  tx: Tx,
  { id, name, baseUrl, credentials, settings, enabled }: ProviderRow,
): Promise<void> {
  await tx
    .update(providers)
    .set({ name, baseUrl, credentials, settings, enabled })
    .where(eq(providers.id, id))
    .catch((error) => {
      throw violatedUnique(error) === undefined ? error : nameTaken(name);
    });
}

/** Where credentials go: another scheme or port is another listener, too. */
function originOf(row: ProviderRow): string {
  const url = effectiveBaseUrl(row);
  return URL.canParse(url) ? new URL(url).origin : url;
}

/** Null for what was sealed under another key: whatever is given then is new. */
function opened(sealed: Buffer, encryptionKey: string): string | null {
  try {
    return open(sealed, encryptionKey);
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}
