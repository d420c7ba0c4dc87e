import { afterEach, expect, test, vi } from "vitest";
import { StartUpError } from "#lib/config/start-up-error";
import { organizations } from "#lib/db/schema/identity";
import { oidcOrganization } from "#lib/db/schema/installation";
import { databaseOfFile } from "#lib/db/testing/test-database";
import { log } from "#lib/observability/log";
import { findOidcOrganization } from "./find-oidc-organization";

const db = (await databaseOfFile()).control();
const settings = (OIDC_ORGANIZATION: string, OIDC_NEW_USERS: "create" | "refuse" = "create") => ({
  OIDC_ISSUER: "https://login.example.com",
  OIDC_CLIENT_ID: "tollgate",
  OIDC_CLIENT_SECRET: "secret",
  OIDC_NEW_USERS,
  OIDC_ORGANIZATION,
});
const logged = vi.spyOn(log, "error").mockImplementation(() => {});
afterEach(() => logged.mockClear());

test("an ambiguous name is a start-up error that asks for the id", async () => {
  const twins = await db
    .insert(organizations)
    .values([{ name: "Twin" }, { name: "Twin" }])
    .returning({ id: organizations.id });
  const start = findOidcOrganization(db, settings("Twin"));
  await expect(start).rejects.toThrow(StartUpError);
  const ids = twins.map(({ id }) => id);
  for (const words of ['several organizations are named "Twin"', "Set it to the id of one", ...ids]) {
    await expect(start).rejects.toThrow(words);
  }
  await findOidcOrganization(db, settings("Twin", "refuse"));
  await findOidcOrganization(db, settings(String(ids[0])));
});

test("one that is missing or deleted is logged, and does not prevent the start", async () => {
  await findOidcOrganization(db, settings("Nobody"));
  expect(logged).toHaveBeenCalledWith({ organization: "Nobody" }, expect.stringContaining("Create it"));
  await db.insert(organizations).values({ name: "Short-lived" });
  await findOidcOrganization(db, settings("Short-lived"));
  expect(logged).toHaveBeenCalledTimes(1);
  await db.delete(organizations);
  await findOidcOrganization(db, settings("Short-lived"));
  expect(logged).toHaveBeenLastCalledWith(
    { organization: "Short-lived" },
    expect.stringContaining("was deleted"),
  );
  expect(await db.$count(oidcOrganization)).toBe(1);
});
