import type { PgTable } from "drizzle-orm/pg-core";
import { expect } from "vitest";
import { auditLog } from "#lib/db/schema/identity";
import type { World } from "./world";

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
  expect(run()).rejects.toMatchObject({ code: "forbidden" });
