import { isDeepStrictEqual } from "node:util";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#lib/db/client";
import { retryingTransaction } from "#lib/db/retry-conflicts";
import { users } from "#lib/db/schema/identity";
import { ServiceError } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { verb } from "#lib/services/verb";
import { createUser } from "./create-user";
import { UpdateUserInput, updateUser } from "./update-user";
import { toUser, userColumns } from "./user";
import { requireOrganization, visibleUsers } from "./user-access";

/** All of them are written in one transaction. */
const MOST_ROWS = 1000;

const organizationField = z.uuid("Choose an organization.");

const ImportedUser = UpdateUserInput.omit({ id: true, password: true })
  .extend({ organization_id: organizationField.optional() })
  .meta({ id: "ImportedUser" });
type ImportedUser = z.output<typeof ImportedUser>;

const Input = z.strictObject({
  users: z
    .array(z.record(z.string(), z.unknown()), "Send a list of users.")
    .min(1, "Send at least one user.")
    .max(MOST_ROWS, `At most ${MOST_ROWS} users at once.`)
    .describe("Each with the fields of a new user, but for `password` and `create_key`."),
  organization_id: organizationField
    .optional()
    .describe("Of users without one of their own. Defaults to your own."),
  dry_run: z
    .union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")])
    .default(false)
    .describe("Whether to say what would happen and write nothing. Also in the query: `?dry_run=true`."),
});

const UserImport = z
  .object({
    dry_run: z.boolean(),
    created: z.int(),
    updated: z.int(),
    unchanged: z.int(),
    errors: z
      .array(
        z.object({
          row: z.int().describe("From 1 on, without the line of column names."),
          field: z.string().nullable(),
          message: z.string(),
        }),
      )
      .describe("The rows that are not imported, and why."),
  })
  .meta({ id: "UserImport" });
type UserImport = z.output<typeof UserImport>;

/**
 * Creates users, and updates those of the same organization with the same external id, or without one in the row the
 * same e-mail address: fields that a row leaves out stay. Rows that are wrong are listed and left out.
 * @throws ServiceError "invalid" for the list as a whole, "not_found" for its organization
 */
export const importUsers = verb({
  role: "org_admin",
  input: Input,
  output: UserImport,
  run: async (ctx, { users: rows, organization_id, dry_run }) => {
    const done: UserImport = { dry_run, created: 0, updated: 0, unchanged: 0, errors: [] };
    const importAll = async (tx: Tx) => {
      if (organization_id !== undefined) await requireOrganization(tx, ctx.actor, organization_id, "member");
      Object.assign(done, { created: 0, updated: 0, unchanged: 0, errors: [] });
      for (const [at, row] of rows.entries()) {
        try {
          const user = parseInput(ImportedUser, row);
          const organizationId = user.organization_id ?? organization_id ?? ctx.actor.organizationId;
          // In a savepoint: a row that the database rejects does not undo the others.
          const outcome = await tx.transaction((inside) =>
            importUser({ ...ctx, db: inside }, inside, { ...user, organization_id: organizationId }),
          );
          done[outcome]++;
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error;
          const [field = null] = Object.keys(error.fields);
          done.errors.push({ row: at + 1, field, message: error.message });
        }
      }
      if (dry_run) throw new DryRun();
    };
    await retryingTransaction(ctx.db, importAll).catch((error: unknown) => {
      if (!(error instanceof DryRun)) throw error;
    });
    return done;
  },
});

/** Undoes what a dry run has written. */
class DryRun extends Error {}

type Owned = Omit<ImportedUser, "organization_id"> & { organization_id: string | null };

async function importUser(
  ctx: ServiceContext,
  tx: Tx,
  { organization_id, ...given }: Owned,
): Promise<"created" | "updated" | "unchanged"> {
  const found = await findUser(tx, ctx, { organization_id, ...given });
  if (found === null) {
    await createUser(ctx, { ...given, organization_id });
    return "created";
  }
  const after = await updateUser(ctx, { id: found.id, ...given });
  return isDeepStrictEqual(found, after) ? "unchanged" : "updated";
}

async function findUser(tx: Tx, { actor }: ServiceContext, { organization_id, external_id, email }: Owned) {
  if (organization_id === null) return null;
  const named = external_id
    ? eq(users.externalId, external_id)
    : email
      ? eq(sql`lower(${users.email})`, email.toLowerCase())
      : null;
  if (named === null) return null;
  const [row] = await tx
    .select(userColumns)
    .from(users)
    .where(and(visibleUsers(actor), eq(users.organizationId, organization_id), named));
  return row === undefined ? null : toUser(row);
}
