import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FakeServer, refusal, startFakeServer } from "#lib/cli/testing/fake-server";
import { at, type Ran } from "#lib/cli/testing/run-here";

let server: FakeServer;
let run: (args: readonly string[]) => Promise<Ran>;
beforeAll(async () => {
  server = await startFakeServer();
  run = at(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  for (const name of ["organizations", "api-keys", "providers"]) server.rows(name).length = 0;
  await run(["org", "create", "Acme"]);
});

const file = join(mkdtempSync(join(tmpdir(), "tollgate-import-")), "keys.json");
const keys = {
  "team-alpha-0123456789": { provider: "openai", api_key: "sk-1" },
  "team-beta-0123456789": { provider: "openai", api_key: "sk-1" },
  "team-gamma-0123456789": { provider: "openai", api_key: "sk-2" },
};
const write = (virtual_keys: object) => writeFileSync(file, JSON.stringify({ virtual_keys }));

describe("importing keys", () => {
  test("makes a provider for each set of credentials, and each key as it is, bound to its own", async () => {
    write(keys);
    const { code, out } = await run(["import", file, "--org", "Acme"]);
    expect(code).toBe(0);
    expect(out).toContain("5 entries: 5 made, 0 skipped, 0 failed.");
    const [organization] = server.rows("organizations");
    const providers = server.rows("providers");
    expect(providers.map(({ credentials }) => credentials)).toEqual([
      { api_key: "sk-2" },
      { api_key: "sk-1" },
    ]);
    const made = server.rows("api-keys").toReversed();
    expect(made.map(({ secret }) => secret)).toEqual(Object.keys(keys));
    expect(made.map(({ provider_id }) => provider_id)).toEqual([
      providers[1]?.id,
      providers[1]?.id,
      providers[0]?.id,
    ]);
    expect(made.every(({ organization_id }) => organization_id === organization?.id)).toBe(true);
    for (const secret of [...Object.keys(keys), "sk-1", "sk-2"]) expect(out).not.toContain(secret);
  });

  test("makes only what is missing when it is repeated", async () => {
    write(keys);
    await run(["import", file, "--org", "Acme"]);
    write({ ...keys, "team-delta-0123456789": { provider: "openai-compatible", api_key: "sk-3" } });
    const { code, out } = await run(["import", file, "--org", "Acme"]);
    expect([code, out]).toEqual([0, expect.stringContaining("7 entries: 2 made, 5 skipped, 0 failed.")]);
  });

  test("makes nothing in a dry run, and says what it would make", async () => {
    write(keys);
    const before = server.log.length;
    const { out } = await run(["import", file, "--org", "Acme", "--dry-run"]);
    expect(out).toContain("5 would be made");
    expect(server.log.slice(before).filter((line) => line.startsWith("POST"))).toEqual([]);
    const report = JSON.parse((await run(["import", file, "--org", "Acme", "--dry-run", "--json"])).out);
    expect(report).toMatchObject({ dry_run: true, data: { length: 5 } });
  });

  test("goes on after one that fails, and fails in the end", async () => {
    write(keys);
    // The list of providers comes first.
    const list = { status: 200, body: { data: [], next_cursor: null } };
    const organizations = { status: 200, body: { data: server.rows("organizations"), next_cursor: null } };
    server.next.push(
      organizations,
      list,
      refusal(400, "invalid_request", "Give the API key.", "credentials.api_key"),
    );
    const { code, out } = await run(["import", file, "--org", "Acme"]);
    expect(code).toBe(1);
    expect(out).toContain("Give the API key.");
    expect(out).toContain("5 entries: 2 made, 0 skipped, 3 failed.");
    expect(out).toContain("its provider could not be made");
  });

  test("asks nothing of the server when the file is wrong", async () => {
    write({ "team-alpha-0123456789": { provider: "nobody", api_key: "sk-1" } });
    const before = server.log.length;
    const { code, err } = await run(["import", file, "--org", "Acme"]);
    expect([code, err]).toEqual([2, expect.stringContaining('"nobody" is none of')]);
    expect((await run(["import", "/nonexistent.json", "--org", "Acme"])).code).toBe(2);
    expect(server.log).toHaveLength(before);
  });
});
