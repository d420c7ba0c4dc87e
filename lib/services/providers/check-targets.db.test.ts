import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { uuidv7 } from "#lib/credit/request-id";
import { createModel } from "#lib/services/models/create-model";
import { worldOfFile } from "#lib/services/testing/world";
import { serverOfFile } from "#lib/testing/server-of-file";
import { checkTargets } from "./check-targets";
import { createProvider } from "./create-provider";
import { updateProvider } from "./update-provider";

const world = await worldOfFile();
const admin = world.as(world.admin);
const client = world.db.$client;

/** What the provider answers to each key. */
let statuses: Record<string, number> = {};
const origin = await serverOfFile((request, response) => {
  const key = request.headers.authorization?.replace("Bearer ", "") ?? "";
  response.writeHead(statuses[key] ?? 200, { "content-type": "application/json" });
  response.end('{"data":[]}');
});
const { id: provider } = await createProvider(admin, {
  name: "checked",
  type: "openai-compatible",
  base_url: `${origin}/v1`,
  credentials: [{ api_key: "one" }, { api_key: "two" }],
});
const price = { input_per_mtok: "1", output_per_mtok: "1" };
await createModel(admin, { name: "m", price, targets: [{ provider_id: provider, upstream_model: "up" }] });

beforeEach(async () => {
  statuses = {};
  for (const table of ["target_states", "events", "ledger"]) await client.unsafe(`DELETE FROM ${table}`);
});
const check = () => checkTargets({ db: world.db, config: admin.config });
const events = async () =>
  (await client`SELECT type, data ->> 'upstream_model' AS model FROM events ORDER BY created_at, id`).map(
    ({ type, model }) => `${type} ${model}`,
  );

describe("a provider without requests", () => {
  test("is fine if it answers", async () => {
    expect(await check()).toEqual({ providers: 1, down: 0, up: 0 });
    expect(await events()).toEqual([]);
  });

  test("is down with the credentials that it rejects, and up once it takes them", async () => {
    statuses = { two: 401 };
    expect(await check()).toEqual({ providers: 1, down: 1, up: 0 });
    expect(await check()).toEqual({ providers: 1, down: 0, up: 0 });
    statuses = {};
    // A request that comes soon may find out first.
    expect(await check()).toEqual({ providers: 1, down: 0, up: 0 });
    await client`UPDATE target_states SET probe_after = now() - interval '1 minute'`;
    expect(await check()).toEqual({ providers: 1, down: 0, up: 1 });
    expect(await events()).toEqual(["target.down up", "target.up up"]);
  });
});

test("a provider that answers requests is not asked, whatever it would say", async () => {
  statuses = { one: 500, two: 500 };
  await client`
    INSERT INTO ledger (id, created_at, status, organization_id, endpoint, model, provider, counter_ids)
    VALUES (${uuidv7()}, now(), 'settled', ${randomUUID()}, 'chat/completions', 'm', 'checked', '{}')`;
  expect(await check()).toEqual({ providers: 0, down: 0, up: 0 });
});

describe("a target that is down", () => {
  beforeEach(async () => {
    statuses = { two: 401 };
    await check();
    statuses = {};
    await client`UPDATE target_states SET probe_after = now() - interval '1 minute'`;
  });

  test("is up once its credential was removed: nothing asks with it again", async () => {
    const credentials = [{ api_key: "one" }, { api_key: "three" }];
    await updateProvider(admin, { id: provider, credentials });
    onTestFinished(async () => {
      await updateProvider(admin, { id: provider, credentials: [{ api_key: "one" }, { api_key: "two" }] });
    });
    expect(await check()).toMatchObject({ up: 1 });
    expect(await events()).toEqual(["target.down up", "target.up up"]);
  });

  test("is checked also when no model has it any more", async () => {
    await client`UPDATE models SET enabled = false`;
    onTestFinished(async () => {
      await client`UPDATE models SET enabled = true`;
    });
    expect(await check()).toEqual({ providers: 1, down: 0, up: 1 });
    expect(await check()).toEqual({ providers: 0, down: 0, up: 0 });
  });
});
