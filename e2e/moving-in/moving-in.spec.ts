import { createHash, randomBytes } from "node:crypto";
import { expect } from "../fixtures";
import { listingProvider } from "./listing-provider";
import { ask, expectRejected, expectServed, test } from "./mover";

const secret = (prefix: string) => `${prefix}-${randomBytes(16).toString("hex")}`;
const digestOf = (key: string) => createHash("sha256").update(key).digest("hex");

test("a keys.json file: its keys reach their providers' models, and what cannot move is named", async ({
  gate,
  mover,
}) => {
  const [key, broken] = [secret("vk"), secret("vk")];
  const model = secret("my-model");
  const provider = await listingProvider(gate.upstream.url, model);
  const priced = mover.step("keys-json", "Price the models of your own servers").replace("my-model", model);
  expect(await mover.run(priced)).toMatchObject({ code: 0 });
  const entry = { provider: "openai", api_key: "sk-of-the-provider", base_url: provider.url };
  mover.file("keys.json", JSON.stringify({ virtual_keys: { [key]: entry } }));
  const moved = await mover.run(mover.step("keys-json", "Import the file once"));
  expect(moved.code, moved.err).toBe(0);
  expect(moved.out).toContain("would be created");
  const again = await mover.run(`npx tollgate import keys.json --org "${mover.organization}"`);
  expect([again.code, again.out]).toEqual([0, expect.stringContaining("skipped")]);
  mover.file("broken.json", JSON.stringify({ virtual_keys: { [broken]: { provider: "telegraph" } } }));
  const failed = await mover.run(`npx tollgate import broken.json --org "${mover.organization}"`);
  expect([failed.code, failed.err]).toEqual([2, expect.stringContaining("telegraph")]);
  const me = await fetch(`${gate.v1}/me`, { headers: { authorization: `Bearer ${key}` } });
  expect((await me.json()).organization.name).toBe(mover.organization);
  const row = await expectServed(gate, key, model);
  const report = await mover.run(`npx tollgate usage --by api_key --org "${mover.organization}" --json`);
  expect(JSON.parse(report.out).data).toMatchObject([
    { requests: 1, cost_usd: row.cost_usd.replace(/0+$/, "") },
  ]);
  await provider.close();
  await mover.run(`npx tollgate org update "${mover.organization}" --budget 0`);
  await expectRejected(await ask(gate, { authorization: `Bearer ${key}` }), "insufficient_quota");
});

test("consumers with prepaid credits: they keep keys and balances, and can be topped up", async ({
  gate,
  mover,
}) => {
  const [ada, bob] = [secret("consumer"), secret("consumer")];
  const name = `ada${randomBytes(4).toString("hex")}`;
  mover.file(
    "consumers.csv",
    `${name},5,${ada}\nbob${name},0,${bob}\ncarol${name},many,${secret("consumer")}\n`,
  );
  const moved = await mover.run(
    mover.step("prepaid-consumers", "Create the consumers with their balances and keys"),
  );
  expect(moved.err).toContain("Must be US dollars");
  const row = await expectServed(gate, ada);
  await expectRejected(await ask(gate, { apikey: bob }), "insufficient_quota");
  const topUp = mover.step("prepaid-consumers", "Top up").replaceAll("ada@", `bob${name}@`);
  const topped = await mover.run(topUp);
  expect([topped.code, topped.err]).toEqual([0, ""]);
  await expectServed(gate, bob);
  const report = await mover.run(`npx tollgate usage --by user --org "${mover.organization}" --json`);
  const { data } = JSON.parse(report.out);
  expect(data).toHaveLength(2);
  expect(data).toContainEqual(
    expect.objectContaining({ name, requests: 1, cost_usd: row.cost_usd.replace(/0+$/, "") }),
  );
});

test("organizations with external ids and payment dates: users keep both, and a service names them", async ({
  gate,
  mover,
}) => {
  const id = randomBytes(4).toString("hex");
  mover.file(
    "users.csv",
    `email,external_id,payment_valid_until\nada-${id}@acme.example,emp-1,2199-12-31\nbob-${id}@acme.example,emp-2,2020-01-31\ncarol-${id}@acme.example,emp-3,2026-02-30\n`,
  );
  const moved = await mover.run(mover.step("external-ids", "Create the users with their dates"));
  expect(moved.err).toContain("Must be a day");
  const created = await mover.run(`${mover.step("external-ids", "Create the internal service")} --json`);
  const app = JSON.parse(created.out);
  const headers = { "x-gateway-secret": app.secret, "x-app-id": "backoffice" };
  expect((await ask(gate, { ...headers, "x-user-oid": "emp-1" })).status).toBe(200);
  await expectRejected(await ask(gate, { ...headers, "x-user-oid": "emp-2" }), "payment_expired");
  await expectRejected(await ask(gate, { ...headers, "x-user-oid": "emp-3" }), "invalid_api_key");
  const extend = mover.step("external-ids", "Extend a payment").replaceAll("ada@", `bob-${id}@`);
  expect(await mover.run(extend)).toMatchObject({ code: 0, err: "" });
  expect((await ask(gate, { ...headers, "x-user-oid": "emp-2" })).status).toBe(200);
  const report = await mover.run(`npx tollgate usage --by user --org "${mover.organization}" --json`);
  expect(JSON.parse(report.out).data.map(({ requests }: { requests: number }) => requests)).toEqual([1, 1]);
});

test("SHA-256 digests with metadata: clients keep their keys, and reports go by team", async ({
  gate,
  mover,
}) => {
  const [first, second] = [secret("sk"), secret("sk")];
  mover.file(
    "keys.csv",
    `one,${digestOf(first)},search\ntwo,${digestOf(second)},ads\ntwice,${digestOf(first)},ads\nbcrypt,$2b$10$abc,ads\n`,
  );
  const moved = await mover.run(mover.step("hashed-keys", "Import the digests"));
  expect(moved.err).toContain("already in use");
  expect(moved.err).toContain("key_sha256");
  const rows = [await expectServed(gate, first), await expectServed(gate, second)];
  const report = await mover.run(
    `npx tollgate usage --by metadata:team --org "${mover.organization}" --json`,
  );
  const [search, ads] = rows.map(({ cost_usd }) => cost_usd.replace(/0+$/, ""));
  // Of the same cost, in the order of their names.
  expect(JSON.parse(report.out).data).toEqual([
    expect.objectContaining({ group: "ads", requests: 1, cost_usd: ads }),
    expect.objectContaining({ group: "search", requests: 1, cost_usd: search }),
  ]);
  await mover.run(`npx tollgate org update "${mover.organization}" --model another`);
  await expectRejected(await ask(gate, { authorization: `Bearer ${first}` }), "model_not_allowed");
});

test("LiteLLM: models, and keys with budgets, models and rates, by its own digests", async ({
  gate,
  mover,
}) => {
  const [open, bounded, blocked, expired] = [secret("sk"), secret("sk"), secret("sk"), secret("sk")];
  const [provider, fast] = [
    `openai-${randomBytes(4).toString("hex")}`,
    `fast-${randomBytes(4).toString("hex")}`,
  ];
  const model = secret("my-model");
  const upstream = await listingProvider(gate.upstream.url, model);
  mover.file(
    "config.yaml",
    `model_list:
  - model_name: ${fast}
    litellm_params:
      model: ${provider}/${model}
      api_key: os.environ/OPENAI_API_KEY
  - model_name: "${fast}"
    litellm_params:
      model: "${provider}/${model}-2"
  # - model_name: of-old
  - model_name: ${fast}-unpriced # of a server of our own
    litellm_params:
      model: ${provider}/unpriced
general_settings:
  master_key: sk-1234
`,
  );
  const prices = mover.step("keys-json", "Price the models of your own servers");
  for (const name of [model, `${model}-2`])
    expect(await mover.run(prices.replace("my-model", name))).toMatchObject({ code: 0 });
  await mover.run(
    `echo sk-upstream | npx tollgate provider create ${provider} --type openai-compatible --base-url ${upstream.url} --api-key -`,
  );
  const models = await mover.run(mover.step("litellm", "Create the models of model_list"));
  expect(models.out).toContain(`${provider} as ${model}, ${provider} as ${model}-2`);
  expect(models.err).toContain('No catalogue has a price for "unpriced"');
  const [, select = ""] = mover.step("litellm", "Export the keys").split(/<<'SQL'\n|SQL$/);
  const exported = await gate.sql.begin(async (tx) => {
    await tx`CREATE TEMP TABLE "LiteLLM_VerificationToken" (
      token text, key_alias text, key_name text, max_budget float8, budget_duration text, models text[],
      rpm_limit bigint, tpm_limit bigint, max_parallel_requests integer, blocked boolean, expires timestamp
    ) ON COMMIT DROP`;
    await tx`INSERT INTO "LiteLLM_VerificationToken" (token, key_alias, max_budget, budget_duration, models, rpm_limit, blocked, expires) VALUES
      (${digestOf(open)}, 'open', NULL, NULL, '{}', NULL, NULL, '2199-12-31 12:00:00.123'),
      (${digestOf(bounded)}, 'bounded', 0.000001, '30d', ARRAY[${fast}], 100, false, NULL),
      (${digestOf(blocked)}, 'blocked', NULL, NULL, '{}', NULL, true, NULL),
      (${digestOf(expired)}, 'expired', NULL, NULL, '{}', NULL, NULL, now() AT TIME ZONE 'UTC' - interval '1 minute')`;
    return [...(await tx.unsafe(select).values())];
  });
  mover.file(
    "keys.tsv",
    exported
      .map(([name, key]) => `${name}\t${typeof key === "string" ? key : JSON.stringify(key)}\n`)
      .join(""),
  );
  const moved = await mover.run(mover.step("litellm", "Import them"));
  expect(moved.err).not.toContain("failed");
  const row = await expectServed(gate, open, fast);
  await expectRejected(await ask(gate, { authorization: `Bearer ${bounded}` }, fast), "insufficient_quota");
  await expectRejected(await ask(gate, { authorization: `Bearer ${bounded}` }), "model_not_allowed");
  for (const key of [blocked, expired])
    await expectRejected(await ask(gate, { authorization: `Bearer ${key}` }, fast), "invalid_api_key");
  const me = await fetch(`${gate.v1}/me`, { headers: { authorization: `Bearer ${open}` } });
  expect((await me.json()).api_key.expires_at).toBe("2199-12-31T12:00:00.000Z");
  const report = await mover.run(`npx tollgate usage --by api_key --org "${mover.organization}" --json`);
  expect(JSON.parse(report.out).data).toEqual([
    expect.objectContaining({ name: "open", requests: 1, cost_usd: row.cost_usd.replace(/0+$/, "") }),
  ]);
  await upstream.close();
});
