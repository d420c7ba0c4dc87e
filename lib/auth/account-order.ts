import { desc, isNotNull, type SQL, sql } from "drizzle-orm";
import { accounts } from "#lib/db/schema/identity";

/** Of accounts with one address, the confirmed one first, then the one that was used last. */
export const preferredFirst = (): SQL[] => [
  desc(isNotNull(accounts.emailConfirmedAt)),
  sql`${accounts.lastSignInAt} DESC NULLS LAST`,
  desc(accounts.createdAt),
];
