import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { newConfigFile } from "#lib/cli/testing/run-here";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run } = await startTestServer();
const NAMES = ["organizations", "users", "api-keys", "providers", "models"] as const;
beforeEach(() => server.clear());
const counts = () => NAMES.map((name) => server.rows(name).length);

describe("setup", () => {
  test("creates two organizations, three users with a key each and a simulated model, and says what to try", async () => {
    const { code, out } = await run(["setup"]);
    expect([code, counts()]).toEqual([0, [2, 3, 3, 1, 1]]);
    const [, key = ""] = /Authorization: Bearer (\S+)"/.exec(out) ?? [];
    expect(out).toContain(`curl ${server.url}/v1/chat/completions`);
    expect((await run(["chat", "Hello"], { apiKey: key })).out).toContain("You said");
    const limits = server
      .rows("users")
      .map(({ budget, rate_limits }) => JSON.stringify({ budget, rate_limits }));
    expect(new Set(limits).size).toBe(3);
    for (const { secret } of server.rows("api-keys")) expect(out).toContain(String(secret));
  });

  test("creates nothing twice when repeated, and replaces a key whose secret is unknown", async () => {
    const first = JSON.parse((await run(["setup", "--json"])).out);
    const second = JSON.parse((await run(["setup", "--json"])).out);
    expect(counts()).toEqual([2, 3, 3, 1, 1]);
    expect(second.steps.every((step: { made: boolean }) => !step.made)).toBe(true);
    expect([second.replaced, second.key === first.key]).toEqual([true, false]);
    const third = JSON.parse((await run(["setup", "--json"], { apiKey: second.key })).out);
    expect([third.replaced, third.key]).toEqual([false, second.key]);
  });

  test("uses an existing simulated model", async () => {
    await run(["provider", "create", "pretend", "--type", "simulated"]);
    await run(["model", "create", "pretend-1", "--provider", "pretend"]);
    const { model } = JSON.parse((await run(["setup", "--json"])).out);
    expect([model, counts()]).toEqual(["pretend-1", [2, 3, 3, 1, 1]]);
  });

  test("saves the key in a profile, but does not overwrite the user's own key", async () => {
    const configFile = newConfigFile();
    const kept = () => JSON.parse(readFileSync(configFile, "utf8")).profiles.default.api_key;
    await run(["login"], { configFile });
    const { key } = JSON.parse((await run(["setup", "--json"], { configFile })).out);
    expect(kept()).toBe(key);
    await run(["cleanup", "--confirm"], { configFile });
    expect(kept()).toBeUndefined();
    await run(["login", "--key", "my-own-key"], { configFile });
    await run(["setup"], { configFile });
    expect(kept()).toBe("my-own-key");
  });
});

describe("cleanup", () => {
  test("lists what it would delete, and deletes it with --confirm", async () => {
    await run(["setup"]);
    const dry = await run(["cleanup"]);
    expect([dry.code, counts()]).toEqual([0, [2, 3, 3, 1, 1]]);
    expect(dry.out).toContain("would be deleted");
    expect(dry.err).toContain("cleanup --confirm");
    const { code } = await run(["cleanup", "--confirm"]);
    expect([code, counts()]).toEqual([0, [0, 0, 0, 0, 0]]);
    expect((await run(["cleanup", "--confirm"])).err).toContain("Nothing to clean up");
  });

  test("keeps what setup did not create, and what that needs", async () => {
    await run(["setup"]);
    await run(["org", "create", "Acme"]);
    await run(["user", "create", "real@acme.example", "--org", "Tollgate Demo"]);
    await run(["model", "create", "other", "--provider", "setup-simulated"]);
    const { code, out } = await run(["cleanup", "--confirm"]);
    expect(code).toBe(0);
    expect(out).toContain("kept: it has 1 other user");
    expect(out).toContain("kept: needed by other");
    const names = (collection: string) => server.rows(collection).map((row) => row.name ?? row.email);
    expect(names("organizations")).toEqual(["Acme", "Tollgate Demo"]);
    expect(names("users")).toEqual(["real@acme.example"]);
    expect(names("providers")).toEqual(["setup-simulated"]);
    expect(names("models")).toEqual(["other"]);
  });
});
