import { isDeepStrictEqual } from "node:util";
import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#lib/db/client";
import { providers } from "#lib/db/schema/routing";
import { violatedUnique } from "#lib/db/unique-violation";
import { invalidField } from "#lib/http/errors";
import { credentialsOf } from "#lib/providers/open-provider";
import { credentialOrigins, pricingUrl } from "#lib/providers/registry";
import { idField } from "#lib/services/fields";
import { lockModels } from "#lib/services/models/lock-models";
import { findCataloguePrice } from "#lib/services/prices/catalogue-price";
import { repriceTargets } from "#lib/services/prices/reprice-targets";
import { sealIn } from "#lib/services/sealing";
import { verb } from "#lib/services/verb";
import { checkedBaseUrl } from "./base-url";
import { nameTaken, Provider, type ProviderRow, providerFields, toProvider } from "./provider";
import { lockProvider } from "./read-provider";
import { recordRoutingAudit } from "./record-routing-audit";
import type { RoutingContext } from "./routing-context";
import { keepsHeaderValues, resealed, type Sealing, sealSettings } from "./sealed-parts";
import { checkAgainstType } from "./type-fields";

const Input = z.strictObject({
  id: idField("provider"),
  ...providerFields,
  name: providerFields.name.optional(),
  base_url: providerFields.base_url.describe(
    "A change of scheme, host or port needs the credentials and the values of headers again: the stored ones are for the old host.",
  ),
  enabled: providerFields.enabled.optional(),
});

/**
 * Changes the given fields and audits the change. If the host or `prices_of` changes, targets with a catalogue price
 * get the one that applies then, if a catalogue knows it.
 * @throws ServiceError "invalid" (also if the host changes and no credentials are given), "not_found",
 * "conflict" for a name that is taken
 */
export const updateProvider = verb({
  role: "admin",
  input: Input,
  output: Provider,
  run: async (ctx: RoutingContext, { id, ...changes }) =>
    ctx.db.transaction(async (tx) => {
      const mayMove = changes.base_url !== undefined || changes.settings !== undefined;
      if (mayMove) await lockModels(tx);
      const row = await lockProvider(tx, id);
      const sealing = { keys: ctx.config, seal: await sealIn(tx, ctx.config) };
      const changed = changedRow(ctx, row, changes, sealing);
      const [origins, earlier] = [credentialOrigins(changed), credentialOrigins(row)];
      const newHost = origins.requests !== earlier.requests;
      if (
        (newHost || origins.tokens !== earlier.tokens) &&
        row.credentials !== null &&
        changes.credentials === undefined
      ) {
        throw invalidField(
          "credentials",
          "Give the credentials again: the stored ones belong to another host and are not sent anywhere else.",
        );
      }
      if (newHost && keepsHeaderValues(changes.settings, row.headers)) {
        throw invalidField(
          "settings.headers",
          "Give the values of the headers again: the stored ones belong to another host and are not sent anywhere else.",
        );
      }
      const before = toProvider(row);
      const after = toProvider(changed);
      const newCredentials = changed.credentials !== row.credentials;
      const newHeaders = changed.headers !== row.headers;
      if (!newCredentials && !newHeaders && isDeepStrictEqual(before, after)) return before;
      await write(tx, changed);
      const newPrices = newHost || pricingUrl(changed) !== pricingUrl(row);
      const repriced = newPrices ? await repriceTargets(tx, findCataloguePrice, { providerId: id }) : [];
      await recordRoutingAudit(tx, ctx, "provider", "update", {
        id,
        before,
        after: {
          ...after,
          ...(newCredentials && changed.credentials !== null ? { credentials: "replaced" } : {}),
          ...(newHeaders && changed.headers !== null ? { headers: "replaced" } : {}),
          ...(repriced.length > 0 ? { repriced } : {}),
        },
      });
      return after;
    }),
});

function changedRow(
  ctx: RoutingContext,
  row: ProviderRow,
  changes: Omit<z.output<typeof Input>, "id">,
  sealing: Sealing,
): ProviderRow {
  const { BLOCK_PRIVATE_UPSTREAMS } = ctx.config;
  const changed = { ...row };
  if (changes.name !== undefined) changed.name = changes.name;
  if (changes.enabled !== undefined) changed.enabled = changes.enabled;
  if (changes.settings !== undefined) changed.settings = changes.settings;
  if (changes.base_url !== undefined) {
    changed.baseUrl = changes.base_url ? checkedBaseUrl(changes.base_url, BLOCK_PRIVATE_UPSTREAMS) : null;
  }
  const unchanged = row.credentials === null ? null : undefined;
  const given = changes.credentials === undefined ? unchanged : changes.credentials;
  const credentials = checkAgainstType({ ...changed, credentials: given });
  if (credentials === null) changed.credentials = null;
  else if (credentials !== undefined) {
    const text = JSON.stringify(credentials);
    changed.credentials = resealed(text, row.credentials, sealing, credentialsOf(row.id));
  }
  if (changes.settings === undefined) return changed;
  return {
    ...changed,
    ...sealSettings(changes.settings, { ...sealing, id: row.id, before: row.headers }),
  };
}

async function write(
  tx: Tx,
  { id, name, baseUrl, credentials, settings, headers, enabled }: ProviderRow,
): Promise<void> {
  await tx
    .update(providers)
    .set({ name, baseUrl, credentials, settings, headers, enabled })
    .where(eq(providers.id, id))
    .catch((error) => {
      throw violatedUnique(error) === undefined ? error : nameTaken(name);
    });
}
