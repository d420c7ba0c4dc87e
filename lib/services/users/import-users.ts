import { isDeepStrictEqual } from "node:util";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#lib/db/client";
import { users } from "#lib/db/schema/identity";
import { trialTransaction } from "#lib/db/trial-transaction";
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

/** True or false, as a query says it, too. */
const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);

const Input = z.strictObject({
  users: z
    .array(z.record(z.string(), z.unknown()), "Send a list of users.")
    .min(1, "Send at least one user.")
    .max(MOST_ROWS, `At most ${MOST_ROWS} users at once.`)
    .describe("Each with the fields of a new user, but for `password` and `create_key`."),
  organization_id: organizationField
    .optional()
    .describe("Of users without one of their own. Defaults to your own."),
  dry_run: flag
    .default(false)
    .describe("Whether to say what would happen and write nothing. Also in the query: `?dry_run=true`."),
  all_or_none: flag
    .default(false)
    .describe("Whether to import nothing if a row is wrong. Also in the query: `?all_or_none=true`."),
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
    rows: z
      .array(
        z.object({
          row: z.int(),
          user: z.string().describe("The name, e-mail address or external id in the row."),
          outcome: z.enum(["created", "updated", "unchanged", "wrong"]),
        }),
      )
      .optional()
      .describe("In a dry run: what would become of each row."),
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
  run: async (ctx, { users: rows, organization_id, dry_run, all_or_none }) =>
    trialTransaction(ctx.db, async (tx) => {
      if (organization_id !== undefined) await requireOrganization(tx, ctx.actor, organization_id, "member");
      const done: UserImport = { dry_run, ...NONE, errors: [], ...(dry_run ? { rows: [] } : {}) };
      for (const [at, row] of rows.entries()) {
        const outcome = await importRow(ctx, tx, row, organization_id).catch((error: unknown) => {
          if (!(error instanceof ServiceError)) throw error;
          const [field = null] = Object.keys(error.fields);
          done.errors.push({ row: at + 1, field, message: error.message });
          return "wrong" as const;
        });
        if (outcome !== "wrong") done[outcome]++;
        done.rows?.push({ row: at + 1, user: labelOf(row), outcome });
      }
      if (dry_run) return { result: done, keep: false };
      const keep = !all_or_none || done.errors.length === 0;
      return { result: keep ? done : { ...done, ...NONE }, keep };
    }),
});

const NONE = { created: 0, updated: 0, unchanged: 0 };
const LONGEST_LABEL = 80;

/** What a row calls its user, right or wrong. */
function labelOf({ name, email, external_id }: Record<string, unknown>): string {
  const label = [name, email, external_id].find((text) => typeof text === "string" && text !== "");
  return typeof label === "string" ? label.slice(0, LONGEST_LABEL) : "";
}

async function importRow(
  ctx: ServiceContext,
  tx: Tx,
  row: Record<string, unknown>,
  organizationId: string | undefined,
): Promise<Outcome> {
  const user = parseInput(ImportedUser, row);
  const organization_id = user.organization_id ?? organizationId ?? ctx.actor.organizationId;
  // In a savepoint: a row that the database rejects does not undo the others.
  return tx.transaction((inside) => importUser({ ...ctx, db: inside }, inside, { ...user, organization_id }));
}

type Outcome = "created" | "updated" | "unchanged";
type Owned = Omit<ImportedUser, "organization_id"> & { organization_id: string | null };

async function importUser(
  ctx: ServiceContext,
  tx: Tx,
  { organization_id, ...given }: Owned,
): Promise<Outcome> {
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
