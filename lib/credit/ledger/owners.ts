import type { Payer } from "#lib/db/payer";

/** Who a row of the ledger belongs to, and their metadata, under the names that the functions of SQL read. */
export const ownersOf = (payer: Payer) => ({
  org: payer.organizationId,
  usr: payer.userId,
  key: payer.apiKeyId,
  app: payer.appId,
  metadata: payer.metadataId,
});
