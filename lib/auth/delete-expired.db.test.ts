import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { organizations } from "#lib/db/schema/identity";
import { invites, passwordResets, sessions } from "#lib/db/schema/sessions";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { firstRow } from "#lib/testing/first-row";
import { deleteExpired } from "./delete-expired";
import { createMembership, createPerson, digest } from "./testing/people";

const db = (await databaseOfFile()).control(1);

test("deletes expired sessions, invites and links to new passwords, and no others", async () => {
  const { id: organizationId } = firstRow(await db.insert(organizations).values({ name: "A" }).returning());
  const { accountId, userId } = await createPerson(db, { email: "ada@example.com", organizationId });
  const [past, future] = [new Date(Date.now() - 1000), new Date(Date.now() + 60_000)];
  for (const expiresAt of [past, future]) {
    await db.insert(sessions).values({ accountId, userId, expiresAt });
    const invited = await createMembership(db, {
      email: `${expiresAt.getTime()}@example.com`,
      organizationId,
    });
    await db.insert(invites).values({ userId: invited, tokenHash: digest(invited), expiresAt });
    const reset = { accountId, email: "ada@example.com", tokenHash: digest(`reset ${invited}`), expiresAt };
    await db.insert(passwordResets).values(reset);
  }
  expect(await deleteExpired(db)).toEqual({ sessions: 1, invites: 1, passwordResets: 1 });
  expect(await db.$count(sessions, eq(sessions.expiresAt, future))).toBe(1);
  expect(await db.$count(invites, eq(invites.expiresAt, future))).toBe(1);
  expect(await db.$count(passwordResets, eq(passwordResets.expiresAt, future))).toBe(1);
});
