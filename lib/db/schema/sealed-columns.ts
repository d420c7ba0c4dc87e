import { getTableName } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { SealedPlace } from "#lib/config/seal";
import { idempotencyKeys, installationSecrets } from "./identity";
import { mails } from "./mail";
import { providers } from "./routing";
import { webhooks } from "./webhooks";

/** A column whose values are sealed (lib/config/seal.ts), and the one that identifies its rows. */
export type SealedColumn = { table: PgTable; id: PgColumn; column: PgColumn };

/** All of them, which a rotation of ENCRYPTION_KEY seals again in this order. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: installationSecrets, id: installationSecrets.id, column: installationSecrets.hashing },
  { table: providers, id: providers.id, column: providers.credentials },
  { table: providers, id: providers.id, column: providers.headers },
  { table: idempotencyKeys, id: idempotencyKeys.id, column: idempotencyKeys.answer },
  { table: webhooks, id: webhooks.id, column: webhooks.secret },
  { table: webhooks, id: webhooks.id, column: webhooks.previousSecret },
  { table: mails, id: mails.id, column: mails.link },
];

/** Where a row's sealed value is. */
export const placeIn = (column: PgColumn, row: string | number): SealedPlace => ({
  table: getTableName(column.table),
  row,
  column: column.name,
});
