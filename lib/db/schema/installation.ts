import { sql } from "drizzle-orm";
import { check, pgTable, smallint, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns";

/**
 * The organization that new people of single sign-on join: its id, found once for a value of OIDC_ORGANIZATION, so that
 * a later renaming gives no other organization its place. One row; without a reference, so that a deletion is noticed.
 */
export const oidcOrganization = pgTable(
  "oidc_organization",
  {
    id: smallint().primaryKey().default(1),
    /** OIDC_ORGANIZATION: a name or an id. */
    setting: text().notNull(),
    /** Null while none was found: then none that is renamed is found later, either. */
    organizationId: uuid(),
    resolvedAt: instant().notNull().defaultNow(),
  },
  (t) => [check("oidc_organization_one_row", sql`${t.id} = 1`)],
);
