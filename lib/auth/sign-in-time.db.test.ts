import { test, vi } from "vitest";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { expectCpuRatio } from "#lib/testing/promptness";
import { createOrganization, createPerson } from "./testing/people";
import { PASSWORD, passwordSignIn } from "./testing/sign-in-with-password";

// What a derivation costs in production: other tests with a database take less.
vi.mock("./password-cost", () => ({ COST: { N: 2 ** 15, r: 8, p: 1 } }));

const db = (await databaseOfFile()).control(2);
const { tryToSignIn } = passwordSignIn(db);

test("two accounts with one address take a sign-in as long as one account, or none", {
  timeout: 90_000,
}, async () => {
  const email = "timed@example.com";
  for (const name of ["A", "B"]) {
    const organizationId = await createOrganization(db, name);
    await createPerson(db, { email, organizationId, password: `password of ${name}` });
    await createPerson(db, { email: `timed-one@${name}.example.com`, organizationId, password: PASSWORD });
  }
  const tries = (tried: string) => () => tryToSignIn({ email: tried, password: "a wrong one" });
  // Another derivation would double the time.
  await expectCpuRatio(tries(email), tries("timed-one@a.example.com"), 1.6);
  await expectCpuRatio(tries(email), tries("timed-none@example.com"), 1.6);
});
