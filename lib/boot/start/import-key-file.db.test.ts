import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { StartUpError } from "#lib/config/start-up-error";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { postChat } from "#lib/testing/post-chat";
import { chat } from "#lib/testing/upstream/scenario";
import { importKeyFile } from "./import-key-file";

const database = await createTestDatabase();
const gate = await testGateway({
  database,
  models: [],
  rules: [
    {
      model: "priced",
      scenario: chat({ usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }),
    },
  ],
});
const db = database.control();
const [price] = await gate.sql`
  INSERT INTO price_versions (source, origin, rates, digest)
  VALUES ('imported', 'test', ${gate.sql.json({ inputPerMtok: "3", outputPerMtok: "7" })}, '\\x02') RETURNING id`;
await gate.sql`INSERT INTO imported_prices ${gate.sql({ model: "priced", price_version_id: price?.id })}`;

const directory = mkdtempSync(join(tmpdir(), "tollgate-keys-"));
afterAll(() => rmSync(directory, { recursive: true }));
const path = join(directory, "keys.json");
const write = (virtual_keys: object, rest: object = {}) =>
  writeFileSync(path, JSON.stringify({ virtual_keys, ...rest }));

const config = {
  ENCRYPTION_KEY: gate.encryptionKey,
  BLOCK_PRIVATE_UPSTREAMS: false,
  ALLOW_PRIVATE_WEBHOOKS: false,
};
const start = (given: Partial<typeof config> & { KEYS_FILE_PATH?: string } = {}) =>
  importKeyFile(db, { ...config, KEYS_FILE_PATH: path, ...given }, gate.hashSecret);
const upstream = (api_key: string) => ({
  provider: "openai-compatible",
  base_url: gate.upstream.url,
  api_key,
});
const ask = (key: string) =>
  postChat(gate.url, key, { model: "priced", messages: [{ role: "user", content: "Hi" }] });
const sentKey = () => gate.upstream.requests.at(-1)?.headers.authorization;
const counts = async () => {
  const [row] = await gate.sql`
    SELECT (SELECT count(*)::int FROM api_keys WHERE 'imported' = ANY(tags)) AS keys,
      (SELECT count(*)::int FROM providers) AS providers, (SELECT count(*)::int FROM organizations) AS organizations,
      (SELECT count(*)::int FROM audit_log) AS audited`;
  return row;
};

const FIRST = "old-key-of-team-a-0001";
const SECOND = "old-key-of-team-a-0002";

describe("the file at KEYS_FILE_PATH", () => {
  test("gives keys that are served at the catalogue's price, with no model created", async () => {
    write({ [FIRST]: upstream("sk-one"), [SECOND]: upstream("sk-two") }, { organization: "Acme" });
    await start();
    const response = await ask(FIRST);
    expect(response.status).toBe(200);
    expect(sentKey()).toBe("Bearer sk-one");
    expect(await gate.rowOf(response)).toMatchObject({ cost_usd: "0.000065000000", status: "settled" });
    expect((await ask(SECOND)).status).toBe(200);
    expect(sentKey()).toBe("Bearer sk-two");
    const rows = await gate.sql`
      SELECT k.name, o.name AS organization FROM api_keys k JOIN organizations o ON o.id = k.organization_id
      WHERE 'imported' = ANY(k.tags) ORDER BY k.name`;
    expect(rows).toEqual([
      { name: "imported old-ke…01", organization: "Acme" },
      { name: "imported old-ke…02", organization: "Acme" },
    ]);
  });

  test("is imported once, by however many replicas start", async () => {
    const before = await counts();
    await Promise.all([start(), start(), start()]);
    expect(await counts()).toEqual(before);
    write({ [FIRST]: upstream("sk-one"), [SECOND]: upstream("sk-two"), "third-key-03": upstream("sk-one") });
    await Promise.all([start(), start(), start()]);
    expect(await counts()).toMatchObject({ keys: 3, providers: before?.providers });
  });

  test("binds a key to the provider that it names now, and changes nothing else of it", async () => {
    await gate.sql`UPDATE api_keys SET name = 'renamed', allowed_models = '{priced}' WHERE name LIKE '%…01'`;
    write({ [FIRST]: upstream("sk-replaced") });
    await start();
    expect((await ask(FIRST)).status).toBe(200);
    expect(sentKey()).toBe("Bearer sk-replaced");
    const [row] = await gate.sql`SELECT allowed_models FROM api_keys WHERE name = 'renamed'`;
    expect(row?.allowed_models).toEqual(["priced"]);
  });

  test("does not bring back a revoked key", async () => {
    await gate.sql`UPDATE api_keys SET revoked_at = now() WHERE name = 'renamed'`;
    await start();
    expect((await ask(FIRST)).status).toBe(401);
  });

  test("prevents the start if an entry is wrong, which the error names, and imports nothing then", async () => {
    const before = await counts();
    const wrong = { ...upstream("sk-secret"), provider: "acme" };
    write({ "a-good-key-0123456789": upstream("sk-new"), "a-bad-key-0123456789ab": wrong });
    const rejected = start();
    await expect(rejected).rejects.toThrow(StartUpError);
    await expect(rejected).rejects.toThrow(
      'virtual_keys."a-bad-…ab".provider (entry 2): "acme" is not one of',
    );
    await expect(rejected).rejects.not.toThrow("sk-secret");
    write({
      "a-good-key-0123456789": upstream("sk-new"),
      "a-bad-key-0123456789ab": { ...upstream("sk-secret"), base_url: "http://169.254.169.254/v1" },
    });
    await expect(start()).rejects.toThrow('virtual_keys."a-bad-…ab".base_url (entry 2): ');
    expect(await counts()).toEqual(before);
  });

  test("prevents the start if it cannot be read", async () => {
    const missing = start({ KEYS_FILE_PATH: join(directory, "missing.json") });
    await expect(missing).rejects.toThrow(/^KEYS_FILE_PATH: .*missing\.json cannot be read \(ENOENT\)\./);
  });
});
