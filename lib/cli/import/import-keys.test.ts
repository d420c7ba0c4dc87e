import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { errorReply } from "#lib/cli/testing/fake-server";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run } = await startTestServer();
beforeEach(async () => {
  server.clear();
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
  test("creates a provider for each set of credentials, and each key bound to its provider", async () => {
    write(keys);
    const { code, out } = await run(["import", file, "--org", "Acme"]);
    expect(code).toBe(0);
    expect(out).toContain("5 entries: 5 created, 0 skipped, 0 failed.");
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
    expect(made.map(({ name }) => name)).toEqual([
      "imported team-a…89",
      "imported team-b…89",
      "imported team-g…89",
    ]);
    for (const secret of [...Object.keys(keys), "sk-1", "sk-2"]) expect(out).not.toContain(secret);
  });

  test("creates only what is missing when it is repeated", async () => {
    write(keys);
    await run(["import", file, "--org", "Acme"]);
    write({ ...keys, "team-delta-0123456789": { provider: "google", api_key: "sk-3" } });
    const { code, out } = await run(["import", file, "--org", "Acme"]);
    expect([code, out]).toEqual([0, expect.stringContaining("7 entries: 2 created, 5 skipped, 0 failed.")]);
  });

  test("tells keys that begin alike apart by name and position, and numbers each name once", async () => {
    const openai = { provider: "openai", api_key: "sk-1" };
    const short = { "vk-user-1": openai, "vk-user-2": openai };
    write({ ...short, "vk-user-3": { ...openai, name: "Team B" } });
    const { out } = await run(["import", file, "--org", "Acme"]);
    expect(out).toMatch(/imported vk… \(entry 1\)[\s\S]*imported vk… \(entry 2\)[\s\S]*Team B \(entry 3\)/);
    write({ ...short, "vk-user-4": openai, "vk-user-5": openai });
    await run(["import", file, "--org", "Acme"]);
    const names = server.rows("api-keys").map(({ name }) => name);
    expect(names.toSorted()).toEqual([
      "Team B",
      "imported vk…",
      "imported vk… 2",
      "imported vk… 3",
      "imported vk… 4",
    ]);
  });

  test("says what a key that exists has otherwise, and where a provider has no prices", async () => {
    write(keys);
    await run(["org", "create", "Other"]);
    await run(["import", file, "--org", "Other"]);
    Object.assign(server.rows("api-keys")[0] ?? {}, { provider_id: "another" });
    const { out } = await run(["import", file, "--org", "Acme"]);
    expect(out).toMatch(
      /team-g\S+ \(entry 3\) +skipped +already exists, in another organization, bound to another/,
    );
    const own = { provider: "openai", api_key: "sk-1", base_url: "http://own:8000/v1" };
    write({
      "team-delta-0123456789": own,
      "team-zeta-0123456789": { ...own, settings: { prices_of: "openai" } },
      "team-eta-0123456789": { provider: "simulated" },
    });
    const planned = await run(["import", file, "--org", "Acme", "--dry-run"]);
    for (const said of [planned.out, (await run(["import", file, "--org", "Acme"])).out]) {
      expect(said.match(/npx tollgate provider update openai-\w+ --prices-of openai/g)).toHaveLength(1);
      expect(said).toMatch(/npx tollgate model create\s+MODEL --provider simulated-\w+ --input-price 1/);
    }
  });

  test("creates nothing in a dry run, and shows what it would create", async () => {
    write(keys);
    const before = server.log.length;
    const { out } = await run(["import", file, "--org", "Acme", "--dry-run"]);
    expect(out).toContain("5 would be created");
    const changes = server.log.slice(before).filter((line) => /^(?!GET|.*\/find$)/.test(line));
    expect(changes).toEqual([]);
    const report = JSON.parse((await run(["import", file, "--org", "Acme", "--dry-run", "--json"])).out);
    expect(report).toMatchObject({ dry_run: true, data: { length: 5 } });
  });

  test("continues after a failed entry, and exits with 1", async () => {
    write(keys);
    // The list of providers comes first.
    const list = { status: 200, body: { data: [], next_cursor: null } };
    const organizations = { status: 200, body: { data: server.rows("organizations"), next_cursor: null } };
    server.next.push(
      organizations,
      list,
      errorReply(400, "invalid_request", "Give the API key.", "credentials.api_key"),
    );
    const { code, out } = await run(["import", file, "--org", "Acme"]);
    expect(code).toBe(1);
    expect(out).toContain("Give the API key.");
    expect(out).toContain("5 entries: 2 created, 0 skipped, 3 failed.");
    expect(out).toContain("its provider could not be created");
  });

  test("sends no request when the file is invalid", async () => {
    write({ "team-alpha-0123456789": { provider: "nobody", api_key: "sk-1" } });
    const before = server.log.length;
    const { code, err } = await run(["import", file, "--org", "Acme"]);
    expect([code, err]).toEqual([2, expect.stringContaining('"nobody" is not one of')]);
    expect((await run(["import", "/nonexistent.json", "--org", "Acme"])).code).toBe(2);
    expect(server.log).toHaveLength(before);
  });
});
