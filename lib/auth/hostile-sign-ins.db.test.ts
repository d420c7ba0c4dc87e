import { describe, expect, test } from "vitest";
import { sessions } from "#lib/db/schema/sessions";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { acceptByPassword } from "./accept-by-password";
import { newLinkToken } from "./link-token";
import { signIn } from "./sign-in";
import { createOrganization, createPerson, digest, ENCRYPTION_KEY, newOrigin } from "./testing/people";
import { PASSWORD } from "./testing/sign-in-with-password";

const db = (await databaseOfFile()).control(2);
const organizationId = await createOrganization(db, "A");
await createPerson(db, { email: "ada@example.com", organizationId, password: PASSWORD });

const HOSTILE: [what: string, value: unknown][] = [
  ["U+0000", "ada@example.com\0"],
  ["an unpaired surrogate", "\ud800ada@example.com"],
  ["a megabyte", "a".repeat(1_000_000)],
  ["nothing", ""],
  ["a list", ["ada@example.com"]],
  ["an object", { $ne: "" }],
  ["a number", 7],
  ["null", null],
];

describe.each(HOSTILE)("%s in a form", (_what, value) => {
  test.each(["email", "password"])("of the sign-in is no %s, and no error", async (field) => {
    const given = { email: "ada@example.com", password: PASSWORD, [field]: value };
    expect(await signIn(db, given, newOrigin())).toEqual({ outcome: "rejected" });
  });

  test("of the sign-in is no invite", async () => {
    const given = { email: "ada@example.com", password: PASSWORD, invite: value };
    expect((await signIn(db, given, newOrigin())).outcome).toMatch(/^(rejected|not_accepted)$/);
  });

  test.each(["invite", "password"])("of an invite is no %s", async (field) => {
    const given = { invite: newLinkToken(), password: PASSWORD, [field]: value };
    const settings = { hashSecret: digest, hashing: ENCRYPTION_KEY, origin: newOrigin() };
    expect(await acceptByPassword(db, given, settings)).toMatchObject({ accepted: false });
  });
});

test("a new password has no halves of characters, which would be hashed as one", async () => {
  const given = { invite: newLinkToken(), password: `${PASSWORD}\ud800` };
  const settings = { hashSecret: digest, hashing: ENCRYPTION_KEY, origin: newOrigin() };
  expect(await acceptByPassword(db, given, settings)).toEqual({ accepted: false, reason: "invite-password" });
});

test.each([
  ["control characters", "curl/8\0\x1b[31m\x85", "curl/8[31m"],
  ["unpaired surrogates", "curl/8\ud800", "curl/8"],
  ["16 KB", "x".repeat(16_384), "x".repeat(400)],
  ["a pair that is cut in two", `${"x".repeat(399)}😀`, "x".repeat(399)],
])("a session keeps a browser's name without %s", async (_what, userAgent, kept) => {
  const given = { email: "ada@example.com", password: PASSWORD };
  const answer = await signIn(db, given, { ...newOrigin(), userAgent });
  if (answer.outcome !== "signed_in") throw new Error(answer.outcome);
  const rows = await db.select({ id: sessions.id, userAgent: sessions.userAgent }).from(sessions);
  expect(rows.find(({ id }) => id === answer.session.id)?.userAgent).toBe(kept);
});
