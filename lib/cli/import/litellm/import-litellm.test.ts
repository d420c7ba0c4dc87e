import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { errorReply } from "#lib/cli/testing/fake-server";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run } = await startTestServer();
const folder = mkdtempSync(join(tmpdir(), "tollgate-litellm-"));
const config = join(folder, "config.yaml");
const keys = join(folder, "keys.csv");
const [one, two] = ["1", "2"].map((digit) => digit.repeat(64));

beforeEach(async () => {
  server.clear();
  await run(["org", "create", "Acme"]);
  writeFileSync(
    config,
    `model_list:
  - { model_name: fast, litellm_params: { model: openai/gpt-5-mini, api_key: os.environ/MY_KEY } }
  - { model_name: lost, litellm_params: { model: telegraph/m } }
general_settings: { master_key: sk-master }
`,
  );
  writeFileSync(
    keys,
    `token,key_alias,blocked\n${one},alice,f\n${two},bob,f\nsk-raw,carol,f\n${one},dave,t\n`,
  );
});

const imports = (...more: readonly string[]) =>
  run(["import", config, "--from", "litellm", "--keys", keys, "--org", "Acme", ...more], {
    variables: { MY_KEY: "sk-upstream" },
  });

/** Answers the creation of the first model so, after that of its provider. */
function answerModel(reply: ReturnType<typeof errorReply>): void {
  const none = { status: 200, body: { data: [], next_cursor: null } };
  server.next.push(
    { status: 200, body: { data: server.rows("organizations"), next_cursor: null } },
    none,
    { status: 201, body: { id: "p1", name: "p", type: "openai" } },
    none,
    reply,
  );
}

test("providers, models and keys are created, and what is not moved is listed with its reason", async () => {
  const { code, out } = await imports();
  expect(code).toBe(1);
  expect(out).toContain("8 entries: 4 created, 0 skipped, 2 failed, 2 left out.");
  for (const reason of ['"telegraph" is not known', "not a SHA-256 digest", "It is blocked.", "is not moved"])
    expect(out).toContain(reason);
  for (const secret of ["sk-upstream", "sk-master", "sk-raw", one]) expect(out).not.toContain(secret);
  const [provider] = server.rows("providers");
  expect(provider?.credentials).toEqual({ api_key: "sk-upstream" });
  expect(server.rows("models")).toMatchObject([
    { name: "fast", targets: [{ provider_id: provider?.id, upstream_model: "gpt-5-mini" }] },
  ]);
  expect(server.rows("api-keys").map(({ name, key_sha256 }) => [name, key_sha256])).toEqual([
    ["bob", two],
    ["alice", one],
  ]);
});

test("importing again creates nothing, and says where a model differs", async () => {
  await imports();
  expect((await imports()).out).toContain("0 created, 4 skipped");
  Object.assign(server.rows("models")[0] ?? {}, { targets: [] });
  expect((await imports()).out).toContain("with other targets");
});

test("a dry run creates nothing", async () => {
  const before = server.log.length;
  const { out } = await imports("--dry-run");
  expect(out).toContain("4 would be created");
  expect(server.log.slice(before).filter((line) => line.startsWith("POST"))).toEqual([]);
  await imports();
  expect((await imports("--dry-run")).out).toContain("0 would be created, 4 skipped");
});

test("keys reach what they reached there, and one that would reach nothing is listed", async () => {
  const [three, four] = ["3", "4"].map((digit) => digit.repeat(64));
  writeFileSync(
    config,
    `model_list:
  - { model_name: fast, litellm_params: { model: openai/gpt-5-mini, api_key: k }, model_info: { access_groups: [beta] } }
  - { model_name: lost, litellm_params: { model: telegraph/m }, model_info: { access_groups: [beta, odd] } }
router_settings: { model_group_alias: { quick: fast } }
`,
  );
  writeFileSync(
    keys,
    `token,key_alias,models\n${one},alice,"{beta,by-hand}"\n${two},bob,"{odd}"\n${three},carol,"{quick,gone}"\n${four},dave,{}\n`,
  );
  server.rows("models").push({ id: "m1", name: "by-hand", targets: [] });
  const planned = await imports("--dry-run");
  const { out } = await imports();
  for (const said of [planned.out, out]) {
    expect(said).toMatch(/key +bob +failed +It would reach no model: no model here matches "lost"/);
    expect(said).toMatch(/key +alice +left out +Its models name "lost", which is no model here/);
    expect(said).toMatch(/key +carol +left out +Its models name "gone", which is no model here/);
  }
  const created = server.rows("api-keys").map(({ name, allowed_models }) => [name, allowed_models]);
  expect(created.toReversed()).toEqual([
    ["alice", ["fast", "by-hand"]],
    ["carol", ["quick"]],
    ["dave", undefined],
  ]);
});

test("the keys of one team come into its organization, with its tags and the models that it shares", async () => {
  writeFileSync(
    keys,
    `token,key_alias,team_id,models,models_of_team,metadata\n${one},alice,t1,"{fast,lost}",{fast},"{""tags"":[""night"",""imported""]}"\n${two},bob,t2,{},{fast},{}\n`,
  );
  const { out } = await imports("--team", "t1");
  expect(out).not.toContain("bob");
  expect(server.rows("api-keys")).toMatchObject([
    { name: "alice", allowed_models: ["fast"], tags: ["imported", "night"], metadata: { team_id: "t1" } },
  ]);
});

test("a model whose name is another one's alias fails, and is not called existing", async () => {
  server.rows("models").push({ id: "m1", name: "other", aliases: ["fast"], targets: [] });
  answerModel(errorReply(409, "conflict", "An alias has this name.", "name"));
  expect((await imports()).out).toMatch(/model +fast +failed +An alias has this name/);
});

test("a key that has other models than the file says now is named with both", async () => {
  writeFileSync(keys, `token,key_alias,models\n${one},alice,"{fast,by-hand}"\n${two},bob,{fast}\n`);
  await imports();
  server.rows("models").push({ id: "m1", name: "by-hand", targets: [] });
  for (const more of [["--dry-run"], []]) {
    const { out } = await imports(...more);
    expect(out).toMatch(
      /alice +skipped +already exists, with other models: it may use fast; by the file, fast,\s+by-hand/,
    );
    expect(out).toMatch(/bob +skipped +already exists *\n/);
  }
});

test("a deployment has the price of its base model, if a catalogue has it and the file has none", async () => {
  const azure = (name: string, info: string) =>
    `  - { model_name: ${name}, litellm_params: { model: azure/${name}-deployed, api_base: "https://eu.openai.azure.com", api_key: k }, model_info: { ${info} } }`;
  writeFileSync(
    config,
    [
      "model_list:",
      azure("mini", "base_model: azure/gpt-4o-mini"),
      azure("own", "base_model: gpt-4o, input_cost_per_token: 1.0e-6"),
      azure("odd", "base_model: azure/unknown"),
    ].join("\n"),
  );
  const price = { input_per_mtok: "0.15", output_per_mtok: "0.6" };
  expect((await imports("--dry-run")).out).toMatch(/mini +would be created .*at the\s+price of gpt-4o-mini/);
  server.prices.set("gpt-4o-mini", price);
  await imports();
  expect(server.rows("models").toReversed()).toMatchObject([
    { name: "mini", targets: [{ upstream_model: "mini-deployed", price }] },
    { name: "own", targets: [{ price: { input_per_mtok: "1", output_per_mtok: "0" } }] },
    { name: "odd", targets: [{ upstream_model: "odd-deployed" }] },
  ]);
  expect(server.rows("models")[0]?.targets).not.toMatchObject([{ price: expect.anything() }]);
});

test("a model without a price: the dry run says what it needs, and the failure what to add to the file", async () => {
  expect((await imports("--dry-run")).out).toMatch(
    /model +fast +would be created .*; if a catalogue prices it/,
  );
  answerModel(errorReply(400, "invalid_request", 'No catalogue has a price for "m" at p.', "price"));
  expect((await imports()).out).toMatch(
    /No catalogue has a price[\s\S]+input_cost_per_token and[\s\S]+output_cost_per_token/,
  );
});

test("a model whose provider fails is not created", async () => {
  const organizations = { status: 200, body: { data: server.rows("organizations"), next_cursor: null } };
  const none = { status: 200, body: { data: [], next_cursor: null } };
  server.next.push(organizations, none, errorReply(400, "invalid_request", "No such account."));
  const { out } = await imports();
  expect(out).toContain("No such account.");
  expect(out).toContain("its provider could not be created");
  expect(server.rows("models")).toEqual([]);
});

test.each([
  [["--keys", keys], "--keys goes with --from"],
  [["--from", "litellm", "--keys", keys], "--org ORG"],
  [["--from", "litellm", "--team", "t1"], "--team goes with --keys"],
  [["--from", "litellm", "--keys", keys, "--org", "Acme", "--team", "t1"], 'no key of the team "t1"'],
  [["--from", "portkey"], "Allowed choices"],
])("%j is wrong usage, and sends nothing", async (options, message) => {
  const before = server.log.length;
  const { code, err } = await run(["import", config, ...options]);
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  expect(server.log).toHaveLength(before);
});
