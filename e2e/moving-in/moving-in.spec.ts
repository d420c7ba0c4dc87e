import { createHash, randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { expect } from "../fixtures";
import { listingProvider } from "./listing-provider";
import { ask, expectRejected, expectServed, type Mover, test } from "./mover";

const secret = (prefix: string) => `${prefix}-${randomBytes(16).toString("hex")}`;
/** A list with the line ends that spreadsheets write. */
const asSpreadsheets = (parts: TemplateStringsArray, ...values: string[]) =>
  String.raw({ raw: parts }, ...values).replaceAll("\n", "\r\n");
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
  const report = await usageBy(mover, "api_key");
  expect(report).toMatchObject([{ requests: 1, cost_usd: row.cost_usd.replace(/0+$/, "") }]);
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
    // As a spreadsheet writes it; the last line has no end.
    `\uFEFF${name},5,${ada}\r\n\r\ncarol${name},many,${secret("consumer")}\r\nbob${name},0,${bob}`,
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
  const data = await usageBy(mover, "user");
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
    asSpreadsheets`email,external_id,payment_valid_until\nada-${id}@acme.example,emp-1,2199-12-31\nbob-${id}@acme.example,emp-2,2020-01-31\ncarol-${id}@acme.example,emp-3,2026-02-30\ndora-${id}@acme.example,emp-4,\n,emp-5,2199-12-31`,
  );
  const moved = await mover.run(mover.step("external-ids", "Create the users with their dates"));
  expect(moved.err).toContain("Must be a day");
  const created = await mover.run(`${mover.step("external-ids", "Create the internal service")} --json`);
  const app = JSON.parse(created.out);
  const headers = { "x-gateway-secret": app.secret, "x-app-id": "backoffice" };
  for (const oid of ["emp-1", "emp-4", "emp-5"])
    expect((await ask(gate, { ...headers, "x-user-oid": oid })).status).toBe(200);
  await expectRejected(await ask(gate, { ...headers, "x-user-oid": "emp-2" }), "payment_expired");
  await expectRejected(await ask(gate, { ...headers, "x-user-oid": "emp-3" }), "invalid_api_key");
  const extend = mover.step("external-ids", "Extend a payment").replaceAll("ada@", `bob-${id}@`);
  expect(await mover.run(extend)).toMatchObject({ code: 0, err: "" });
  expect((await ask(gate, { ...headers, "x-user-oid": "emp-2" })).status).toBe(200);
  const report = await usageBy(mover, "user");
  expect(report.map(({ requests }: { requests: number }) => requests)).toEqual([1, 1, 1, 1]);
});

test("SHA-256 digests with metadata: clients keep their keys, and reports go by team", async ({
  gate,
  mover,
}) => {
  const [first, second] = [secret("sk"), secret("sk")];
  mover.file(
    "keys.csv",
    asSpreadsheets`one,${digestOf(first)},search\ntwo,${digestOf(second)},ads\ntwice,${digestOf(first)},ads\nbcrypt,$2b$10$abc,ads\n`,
  );
  const moved = await mover.run(mover.step("hashed-keys", "Import the digests"));
  expect(moved.err).toContain("already in use");
  expect(moved.err).toContain("key_sha256");
  const rows = [await expectServed(gate, first), await expectServed(gate, second)];
  const report = await usageBy(mover, "metadata:team");
  const [search, ads] = rows.map(({ cost_usd }) => cost_usd.replace(/0+$/, ""));
  // Of the same cost, in the order of their names.
  expect(report).toEqual([
    expect.objectContaining({ group: "ads", requests: 1, cost_usd: ads }),
    expect.objectContaining({ group: "search", requests: 1, cost_usd: search }),
  ]);
  await mover.run(`npx tollgate org update "${mover.organization}" --model another`);
  await expectRejected(await ask(gate, { authorization: `Bearer ${first}` }), "model_not_allowed");
});

test("LiteLLM: config.yaml and the key table become models, and keys with budgets, models and rates", async ({
  gate,
  mover,
}) => {
  const keys = Array.from({ length: 9 }, () => secret("sk"));
  const [open = "", bounded = "", slow = "", blocked = "", expired = "", odd = "", grouped = "", lost = ""] =
    keys;
  const [, , , , , , , , teamed = ""] = keys;
  const fast = `fast-${randomBytes(4).toString("hex")}`;
  mover.file(
    "config.yaml",
    `model_list:
  - model_name: ${fast}
    litellm_params: { model: openai/instant, api_base: "${gate.upstream.url}", api_key: os.environ/OPENAI_API_KEY, weight: 3 }
    model_info: &price { input_cost_per_token: 0.000001, output_cost_per_token: 0.000002, access_groups: [beta] }
  - model_name: ${fast}
    litellm_params: { model: openai/instant, api_base: "${gate.upstream.url}", api_key: sk-another-account, weight: 1 }
    model_info: *price
  - model_name: deployed-${fast}
    litellm_params: { model: azure/deployed-${fast}, api_base: "https://eu.openai.azure.com", api_key: sk-azure }
    model_info: { base_model: azure/gpt-4o-mini }
  - model_name: pigeon-${fast}
    litellm_params: { model: pigeon/post }
router_settings: { model_group_alias: { "alias-${fast}": ${fast} } }
general_settings: { master_key: sk-master }
`,
  );
  const [, select = ""] = mover.step("litellm", "Export the keys").split(/<<'SQL'\n|SQL$/);
  const exported = await gate.sql.begin(async (tx) => {
    await tx.unsafe(KEY_TABLE);
    await tx`INSERT INTO "LiteLLM_VerificationToken" (token, key_alias, max_budget, budget_duration, models, rpm_limit, blocked, team_id, expires) VALUES
      (${digestOf(open)}, 'open', NULL, NULL, '{}', NULL, NULL, 'research', '2199-12-31 12:00:00.123'),
      (${digestOf(bounded)}, 'bounded', 0.000001, '30d', ARRAY[${fast}], 100, false, NULL, NULL),
      (${digestOf(slow)}, 'slow', NULL, NULL, '{}', 1, NULL, NULL, NULL),
      (${digestOf(blocked)}, 'blocked', NULL, NULL, '{}', NULL, true, NULL, NULL),
      (${digestOf(expired)}, 'expired', NULL, NULL, '{}', NULL, NULL, NULL, now() AT TIME ZONE 'UTC' - interval '1 minute'),
      (${digestOf(odd)}, 'odd', 1, '90d', '{}', NULL, NULL, NULL, NULL),
      (${digestOf(grouped)}, 'grouped', NULL, NULL, ARRAY['beta'], NULL, NULL, NULL, NULL),
      (${digestOf(lost)}, 'lost', NULL, NULL, ARRAY['groq/*'], NULL, NULL, NULL, NULL)`;
    await tx`INSERT INTO "LiteLLM_TeamTable" (team_id, models) VALUES ('research', '{}'), ('ops', ARRAY[${fast}])`;
    await tx`INSERT INTO "LiteLLM_VerificationToken" (token, key_alias, team_id, models) VALUES
      (${digestOf(teamed)}, 'teamed', 'ops', ARRAY[${fast}, ${gate.model("instant")}])`;
    await tx`INSERT INTO "LiteLLM_VerificationToken" (token, key_alias, model_max_budget, allowed_routes) VALUES
      (${digestOf(secret("sk"))}, 'by-model', '{"fast": {"budget_limit": 1}}', '{}'),
      (${digestOf(secret("sk"))}, 'routed', '{}', ARRAY['/key/info'])`;
    return text(await tx.unsafe(`COPY (${select}) TO STDOUT (FORMAT csv, HEADER)`).readable());
  });
  mover.file("keys.csv", exported);
  const environment = "export OPENAI_API_KEY=sk-upstream\n";
  const planned = await mover.run(environment + mover.step("litellm", "See what would be created"));
  expect(planned.out).toContain("would be created");
  const ofTeam = mover.step("litellm", "Give teams with a budget organizations of their own");
  const team = ofTeam.replace("--budget 100", "--budget 0.000001").replace("--team research", "--team ops");
  const movedTeam = await mover.run(environment + team);
  expect(movedTeam.out).toMatch(/key +teamed +created/);
  const moved = await mover.run(environment + mover.step("litellm", "Import both"));
  expect(moved.code).toBe(1);
  for (const reason of [
    '"pigeon" is not known',
    "no budget of 90d",
    "model_max_budget has no counterpart",
    "allowed_routes has no counterpart",
    "It is blocked.",
    "It has expired.",
    "general_settings",
    'It would reach no model: no model here matches "groq/*"',
  ])
    expect(moved.out).toContain(reason);
  expect(moved.out).toContain("5 failed, 3 left out");
  const again = `${environment}npx tollgate import config.yaml --from litellm --keys keys.csv --org "${mover.organization}"`;
  expect((await mover.run(again)).out).toContain("0 created, 10 skipped");
  const deployed = await mover.run(`npx tollgate model get deployed-${fast} --json`);
  expect(JSON.parse(deployed.out).targets[0].price).toMatchObject({ input_per_mtok: "0.15" });

  await expectRejected(await ask(gate, { authorization: `Bearer ${teamed}` }, fast), "insufficient_quota");
  await expectRejected(await ask(gate, { authorization: `Bearer ${teamed}` }), "model_not_allowed");
  const rows = [await expectServed(gate, open, fast), await expectServed(gate, open, `alias-${fast}`)];
  await expectRejected(await ask(gate, { authorization: `Bearer ${bounded}` }, fast), "insufficient_quota");
  await expectRejected(await ask(gate, { authorization: `Bearer ${bounded}` }), "model_not_allowed");
  await expectServed(gate, grouped, fast);
  await expectRejected(await ask(gate, { authorization: `Bearer ${grouped}` }), "model_not_allowed");
  for (const key of [blocked, expired, lost])
    await expectRejected(await ask(gate, { authorization: `Bearer ${key}` }, fast), "invalid_api_key");
  const me = await fetch(`${gate.v1}/me`, { headers: { authorization: `Bearer ${open}` } });
  expect((await me.json()).api_key.expires_at).toBe("2199-12-31T12:00:00.123Z");
  expect((await ask(gate, { authorization: `Bearer ${slow}` }, fast)).status).toBe(200);
  expect((await ask(gate, { authorization: `Bearer ${slow}` }, fast)).status).toBe(429);
  // Of equal requests, at the price of the file.
  const costs = rows.map(({ cost_usd, input_tokens, output_tokens }) => [
    Number(cost_usd),
    (Number(input_tokens) + 2 * Number(output_tokens)) / 1e6,
  ]);
  for (const [charged, priced = 0] of costs) expect(charged).toBeCloseTo(priced, 12);
  const data = await usageBy(mover, "metadata:team_id");
  const research = data.find(({ group }: { group: string | null }) => group === "research");
  expect(research.requests).toBe(2);
  expect(Number(research.cost_usd)).toBeCloseTo(
    costs.reduce((sum, [charged = 0]) => sum + charged, 0),
    12,
  );
});

test("a gateway at the edge: what its scripts created is created by commands, and usage can be reset", async ({
  gate,
  mover,
}) => {
  const id = secret("edge");
  const asHere = (program: string) =>
    program
      .replaceAll("My Company", mover.organization)
      .replaceAll("ada@acme.example", `ada-${id}@acme.example`)
      .replaceAll("cloudflare-ai-gateway/openai/gpt-5-mini", `${id}/instant --input-price 1 --output-price 2`)
      .replaceAll("fast", `fast-${id}`);
  // What the first start makes of the variables; here, of a server that answers.
  const provider = await mover.run(
    `echo sk-upstream | npx tollgate provider create ${id} --type openai-compatible --base-url ${gate.upstream.url} --api-key -`,
  );
  expect(provider.code, provider.err).toBe(0);
  const made = await mover.run(asHere(mover.step("edge", "Create what the scripts created")));
  expect(made.code, made.err).toBe(0);
  const [key = ""] = /tg_live_\w+/.exec(made.out) ?? [];
  const named = await mover.run(asHere(mover.step("edge", "Give a model a name of your own")));
  expect(named.code, named.err).toBe(0);
  const row = await expectServed(gate, key, `fast-${id}`);
  const report = await usageBy(mover, "user");
  expect(report).toMatchObject([{ requests: 1, cost_usd: row.cost_usd.replace(/0+$/, "") }]);
  const spent = `npx tollgate user usage ada-${id}@acme.example --json`;
  expect(JSON.parse((await mover.run(spent)).out).budget).not.toMatchObject({ spent_usd: "0" });
  await mover.run(`npx tollgate user reset-usage ada-${id}@acme.example`);
  expect(JSON.parse((await mover.run(spent)).out).budget).toMatchObject({ spent_usd: "0" });
  await mover.run(`npx tollgate user update ada-${id}@acme.example --budget 0`);
  await expectRejected(
    await ask(gate, { authorization: `Bearer ${key}` }, `fast-${id}`),
    "insufficient_quota",
  );
});

/** The groups of a report of the organization. */
async function usageBy(mover: Mover, group: string) {
  const report = await mover.run(`npx tollgate usage --by ${group} --org "${mover.organization}" --json`);
  return JSON.parse(report.out).data;
}

/** As much of LiteLLM's tables as the export reads, until the transaction ends. */
const KEY_TABLE = `
  CREATE TEMP TABLE "LiteLLM_VerificationToken" (
    token text, key_alias text, key_name text, spend float8 DEFAULT 0, expires timestamp, models text[] DEFAULT '{}',
    user_id text, team_id text, budget_id text, max_budget float8, budget_duration text, metadata jsonb DEFAULT '{}',
    rpm_limit bigint, tpm_limit bigint, max_parallel_requests integer, blocked boolean,
    model_max_budget jsonb DEFAULT '{}', allowed_routes text[] DEFAULT '{}', aliases jsonb DEFAULT '{}',
    config jsonb DEFAULT '{}', permissions jsonb DEFAULT '{}'
  ) ON COMMIT DROP;
  CREATE TEMP TABLE "LiteLLM_BudgetTable" (
    budget_id text, max_budget float8, budget_duration text, rpm_limit bigint, tpm_limit bigint,
    max_parallel_requests integer, model_max_budget jsonb
  ) ON COMMIT DROP;
  CREATE TEMP TABLE "LiteLLM_TeamTable" (team_id text, models text[], blocked boolean DEFAULT false) ON COMMIT DROP;
`;
