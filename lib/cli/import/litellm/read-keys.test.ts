import { expect, test } from "vitest";
import { litellmGuide } from "#lib/guides/moving/litellm";
import { JUDGED_COLUMNS, readKeys } from "./read-keys";

const NOW = new Date("2026-01-31T12:00:00Z");
const digest = (digit: string) => digit.repeat(64);
const read = (text: string) => readKeys(text, "keys", NOW);
const readRow = (row: object) => read(JSON.stringify([{ token: digest("a"), key_alias: "k", ...row }]));

test("a row of the key table becomes a key with its models, budget, limits and metadata", () => {
  const { keys, failed, left } = readRow({
    models: ["fast", "smart"],
    max_budget: 12.5,
    budget_duration: "30d",
    spend: 3,
    rpm_limit: 10,
    tpm_limit: 1000,
    max_parallel_requests: 2,
    expires: "2027-01-01T00:00:00",
    user_id: "u1",
    team_id: "t1",
    models_of_team: [],
    blocked: false,
    metadata: { team: "search", count: 3 },
    permissions: {},
  });
  expect({ failed, left }).toEqual({ failed: [], left: [] });
  expect(keys).toEqual([
    {
      name: "k",
      sha256: digest("a"),
      note: null,
      models: [["fast", "smart"]],
      tags: [],
      fields: {
        budget: { limit_usd: "12.5", period: "month" },
        rate_limits: { requests_per_minute: 10, tokens_per_minute: 1000, max_concurrent: 2 },
        expires_at: "2027-01-01T00:00:00.000Z",
        metadata: { team: "search", count: "3", team_id: "t1", user_id: "u1" },
      },
    },
  ]);
});

test("CSV says the same, with PostgreSQL's arrays, booleans and times", () => {
  const { keys, left } = read(
    `token,key_alias,models,blocked,max_budget,expires,metadata\n${digest("a")},one,"{fast,""a b""}",f,0.000001,2027-01-01 00:00:00+00,"{""team"":""ads""}"\n${digest("b")},two,{},t,,,{}\n`,
  );
  expect(keys).toMatchObject([
    {
      name: "one",
      models: [["fast", "a b"]],
      fields: {
        budget: { limit_usd: "0.000001", period: "total" },
        expires_at: "2027-01-01T00:00:00.000Z",
        metadata: { team: "ads" },
      },
    },
  ]);
  expect(left).toEqual([{ name: "two", reason: "It is blocked." }]);
});

test("a budget without a period has what is left of it", () => {
  const [some, none] = [0.3, 99].map((spend) => readRow({ max_budget: 0.4, spend }).keys[0]);
  expect(some?.fields.budget).toEqual({ limit_usd: "0.1", period: "total" });
  expect(some?.note).toContain("$0.3");
  expect(none?.fields.budget).toEqual({ limit_usd: "0", period: "total" });
});

test.each([
  ...["1d", "24h", "1440m", "86400s", "86400", "Daily"].map((each) => [each, "day"]),
  ...["7d", "1w", "168h", "1 week", "604800 seconds"].map((each) => [each, "week"]),
  ...["30d", "1mo", "720h", "monthly", "1 month"].map((each) => [each, "month"]),
])("a budget of %s has the period %s", (duration, period) => {
  const row = readRow({ max_budget: 1, budget_duration: duration });
  expect([row.keys[0]?.fields.budget, row.failed]).toEqual([{ limit_usd: "1", period }, []]);
});

test.each(["30s", "1h", "12h", "2d", "14d", "2w", "3mo", "1y", "365d", "0d", "-1d", "1.5d", "soon", "d"])(
  "a budget of %s is not moved, and the reason names it",
  (duration) => {
    const { keys, failed } = readRow({ max_budget: 1, budget_duration: duration });
    expect([keys, failed]).toEqual([
      [],
      [{ name: "k", reason: expect.stringContaining(`There is no budget of ${duration}: set it to 1d`) }],
    ]);
  },
);

test.each([
  ["an expired key", { expires: "2026-01-31 11:59:59" }, "It has expired."],
  ["a blocked key", { blocked: true }, "It is blocked."],
  ["a session", { team_id: "litellm-dashboard" }, "It is a session of LiteLLM's own pages."],
])("%s is left out", (_, row, reason) => {
  const { keys, left } = readRow(row);
  expect({ keys, left }).toEqual({ keys: [], left: [{ name: "k", reason }] });
});

test.each([
  ["whose token is no digest", { token: "sk-secret" }, "not a SHA-256 digest"],
  ["with a budget of 12 h", { max_budget: 1, budget_duration: "12h" }, "no budget of 12h"],
  ["with a budget in another table", { budget_id: "b" }, "LiteLLM_BudgetTable"],
  ["with a budget that is no number", { max_budget: "much" }, "max_budget must be a number"],
  ["with its team's models", { models: ["all-team-models"] }, "by the query in /docs/moving/litellm"],
  [
    "of a team, with models",
    { models: ["fast"], team_id: "t" },
    "bound by its team's models, which the export",
  ],
  ["of a team, without models", { models: [], team_id: "t", team_models: [] }, "by the query in /docs"],
  ["of a team that is gone", { models: [], team_id: "t", models_of_team: null }, "does not have its team"],
  ["with a model that is no name", { models: [1] }, "list of names"],
  [
    "with rates for each model",
    { metadata: { model_rpm_limit: { fast: 1 } } },
    "metadata.model_rpm_limit has no",
  ],
  ["with models that are no list", { models: "fast" }, "must be a list"],
  ["that expires at no time", { expires: "soon" }, "expires is no time"],
  ["with a budget for each model", { model_max_budget: { fast: 1 } }, "model_max_budget has no counterpart"],
  ["with routes of its own", { allowed_routes: ["/key/info"] }, "allowed_routes has no counterpart"],
  ["with a rate of half a request", { rpm_limit: 0.5 }, "whole number"],
])("a key %s is named with its reason, without its token", (_, row, reason) => {
  const { keys, failed } = readRow(row);
  expect(keys).toEqual([]);
  expect(failed).toMatchObject([{ name: "k", reason: expect.stringContaining(reason) }]);
  expect(JSON.stringify(failed)).not.toContain("sk-secret");
});

test("what has no counterpart, and metadata that are no texts, are named", () => {
  const { keys, left } = readRow({
    permissions: { get_spend_routes: true },
    allowed_routes: ["llm_api_routes"],
    metadata: { nested: { a: 1 }, team: "x" },
  });
  expect(keys[0]?.fields.metadata).toEqual({ team: "x" });
  expect(left.map(({ reason }) => reason)).toEqual([
    "permissions has no counterpart here.",
    'metadata "nested" is not a short text.',
  ]);
});

test("the query of the guide exports every column that decides on a key", () => {
  const { code = "" } = litellmGuide.steps.find(({ title }) => title === "Export the keys") ?? {};
  const [, list = ""] = /SELECT ([\s\S]+?)\nFROM /.exec(code) ?? [];
  const columns = list
    .replaceAll(/\((?:[^()]|\([^()]*\))*\)/g, "")
    .split(",")
    .map((column) => /(\w+)$/.exec(column.trim())?.[1]);
  expect(columns.toSorted()).toEqual([...JUDGED_COLUMNS].toSorted());
});

test("a key of a team has its team's models, as the query exports them", () => {
  const ofTeam = (models: string[], models_of_team: unknown) =>
    readRow({ team_id: "t1", models, models_of_team }).keys[0]?.models;
  expect(ofTeam([], ["fast"])).toEqual([["fast"]]);
  expect(ofTeam(["all-team-models", "own"], ["fast"])).toEqual([["fast"]]);
  expect(ofTeam(["own"], ["fast"])).toEqual([["own"], ["fast"]]);
  expect(ofTeam(["own"], [])).toEqual([["own"]]);
  expect(ofTeam([], [])).toEqual([[]]);
  const csv = read(
    `token,team_id,models,models_of_team\n${digest("a")},t1,{},{fast}\n${digest("b")},t2,{},{}\n`,
  );
  expect(csv.keys.map(({ models }) => models)).toEqual([[["fast"]], [[]]]);
});

test("only the keys of one team are read, if that is asked for", () => {
  const text = `token,key_alias,team_id\n${digest("a")},one,t1\n${digest("b")},two,t2\n${digest("c")},three,\n`;
  const csv = text.replaceAll("\n", ",{}\n").replace("team_id,{}", "team_id,models_of_team");
  expect(readKeys(csv, "keys", NOW, "t2").keys.map(({ name }) => name)).toEqual(["two"]);
  expect(() => readKeys(csv, "keys", NOW, "t3")).toThrow('no key of the team "t3"');
});

test("tags in the metadata become tags, unless a key here cannot have them", () => {
  const tagged = (tags: unknown) => readRow({ metadata: { team: "ads", tags } });
  expect(tagged(["night", "eu"]).keys).toMatchObject([
    { tags: ["night", "eu"], fields: { metadata: { team: "ads" } } },
  ]);
  expect(tagged(["night", "eu"]).left).toEqual([]);
  for (const odd of [["x".repeat(101)], [1], [""], Array.from({ length: 50 }, (_, at) => `t${at}`)]) {
    const { keys, left } = tagged(odd);
    expect(keys[0]?.tags).toEqual([]);
    expect(left).toEqual([{ name: "k", reason: 'metadata "tags" is not a short text.' }]);
  }
});

test.each([
  ["total_pages", { total_pages: 2 }, "1 of more keys"],
  ["total_count", { total_count: 11, total_pages: 1 }, "1 of 11 keys"],
])("one page of /key/list is rejected by its %s, and all of it is read", (_, more, message) => {
  const keys = [{ token: digest("a") }];
  expect(() => read(JSON.stringify({ keys, ...more }))).toThrow(message);
  expect(() => read(JSON.stringify({ keys, ...more }))).toThrow("jq -s");
  expect(read(JSON.stringify({ keys, total_count: 1, total_pages: 1 })).keys).toHaveLength(1);
});

test("names are told apart, and a token counts once", () => {
  const rows = ["a", "b", "a"].map((digit) => ({ token: digest(digit), key_alias: "same" }));
  const { keys, failed } = read(JSON.stringify({ keys: rows }));
  expect(keys.map(({ name }) => name)).toEqual(["same", "same 2"]);
  expect(failed).toMatchObject([{ reason: "Its token is there twice." }]);
});

test.each([
  ["a CSV without tokens", "name,age\nx,1\n", 'no column "token"'],
  ["JSON without rows", '{"data": []}', "neither CSV nor"],
  ["broken JSON", "[{", "neither CSV nor"],
  ["nothing", "", "is empty"],
])("%s is rejected", (_, text, message) => {
  expect(() => read(text)).toThrow(message);
});
