import type { PgTable } from "drizzle-orm/pg-core";
import { expect } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { auditLog } from "#lib/db/schema/identity";
import type { ServiceErrorCode } from "#lib/http/errors";
import { tokenActor } from "./context";
import type { World } from "./world";

/** Matches an error with this code and a message for each of these fields. */
export const rejection = (code: ServiceErrorCode, ...fields: string[]) => ({
  code,
  ...(fields.length > 0 && {
    fields: Object.fromEntries(fields.map((field) => [field, expect.any(String)])),
  }),
});

export const FORBIDDEN = rejection("forbidden");

/** What an actor gets who names an organization that they may not see. */
export const ORGANIZATION_NOT_FOUND = {
  code: "not_found",
  fields: { organization_id: "Organization not found." },
};

/** A row of a table of rejected calls: its name, who calls, with which input, and the error. */
export type RejectedCall = [name: string, actor: Actor, input: object, error: object];

/** Those who may not create anything in organization A. */
export const withoutRights = (world: World): RejectedCall[] => [
  ["a viewer", world.viewer, {}, FORBIDDEN],
  ["a member", world.member, {}, FORBIDDEN],
  ["a viewer's token", tokenActor("viewer", world.a.id), {}, FORBIDDEN],
  ["an org_admin without an organization", world.stray, {}, FORBIDDEN],
];

/** Those who may not give a role above their own. */
const givingRoleAdmin = (world: World): RejectedCall[] => [
  ["an org_admin who gives the role admin", world.orgAdmin, { role: "admin" }, FORBIDDEN],
  [
    "an org_admin's token that gives the role admin",
    tokenActor("org_admin", world.a.id),
    { role: "admin" },
    FORBIDDEN,
  ],
];

/** An org_admin who names an organization that is not theirs: as if there were none. */
const inOtherOrganization = (world: World): RejectedCall[] => [
  [
    "an org_admin in another organization",
    world.orgAdmin,
    { organization_id: world.b.id },
    ORGANIZATION_NOT_FOUND,
  ],
];

/** Everyone who may not give the role admin in organization A, or anything elsewhere. */
export const outOfReach = (world: World): RejectedCall[] => [
  ...withoutRights(world),
  ...givingRoleAdmin(world),
  ...inOtherOrganization(world),
];

/** Expects `run` to be rejected with `error`, and to add no row to `table` or the audit log. */
export async function expectRejection(
  { db }: World,
  table: PgTable,
  run: () => Promise<unknown>,
  error: object,
): Promise<void> {
  const counts = async () => [await db.$count(table), await db.$count(auditLog)];
  const before = await counts();
  await expect(run()).rejects.toMatchObject(error);
  expect(await counts()).toEqual(before);
}

/** Expects `run` to be rejected because of the actor's role or rights. */
export const expectForbidden = (run: () => Promise<unknown>): Promise<void> =>
  expect(run()).rejects.toMatchObject(FORBIDDEN);

/** Expects `run` to be rejected because of the input, with a message for each of these fields. */
export const expectInvalid = (run: () => Promise<unknown>, ...fields: string[]): Promise<void> =>
  expect(run()).rejects.toMatchObject(rejection("invalid", ...fields));
