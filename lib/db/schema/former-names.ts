import { pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { organizations } from "./identity";

/**
 * What an organization called a user or key when it moved to another one. Its ledger keeps their ids, and shows these
 * names: later ones are the other organization's.
 */
export const formerNames = pgTable(
  "former_names",
  {
    organizationId: uuid()
      .notNull()
      .references(() => organizations.id, { onDelete: "cascade" }),
    /** A user or key. No foreign key, so that its deletion elsewhere does not show. */
    subjectId: uuid().notNull(),
    /** A user without a name has the e-mail address here, as lists show it. */
    name: text().notNull(),
    /** Users only. */
    email: text(),
    /** Keys only. */
    keyPrefix: text(),
  },
  (t) => [primaryKey({ columns: [t.organizationId, t.subjectId] })],
);
