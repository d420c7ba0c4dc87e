import { beforeEach, expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";

const messages = [{ role: "user", content: "Hello!" }];
const gate = await testGateway({
  models: [
    { name: "instant", upstreamModel: "claude-instant", rates: MICRODOLLAR_RATES },
    { name: "slow", upstreamModel: "claude-slow-head", rates: MICRODOLLAR_RATES },
  ],
});
const SECRET = "a-secret-of-sixteen";
const APP = { authorization: "", "x-gateway-secret": SECRET, "x-app-id": "crm" };
const { organization, user, apiKey } = gate.seeded.ids;
const [{ id: app } = { id: "" }] = await gate.sql<{ id: string }[]>`
  INSERT INTO apps (organization_id, name, external_id, secret_hash)
  VALUES (${organization}, 'CRM', 'crm', ${gate.hashSecret(SECRET)}) RETURNING id`;

type Table = "organizations" | "users" | "api_keys" | "apps";

const setBudget = (table: Table, id: string, usd: string | null, period: string) => gate.sql`
  UPDATE ${gate.sql(table)} SET budget_limit_usd = ${usd}, budget_period = ${usd === null ? null : period}
  WHERE id = ${id}`;

beforeEach(async () => {
  for (const [table, id] of [
    ["organizations", organization],
    ["users", user],
    ["api_keys", apiKey],
    ["apps", app],
  ] as const) {
    await setBudget(table, id, null, "month");
  }
  await gate.sql`TRUNCATE counters CASCADE`;
});

async function ask(headers: Record<string, string> = {}, fields: object = {}) {
  const response = await gate.chat({ model: "instant", messages, max_tokens: 64, ...fields }, { headers });
  return { response, error: (await response.json()).error };
}

test.each<[Table, id: string, period: string, headers: Record<string, string>, names: string]>([
  ["api_keys", apiKey, "total", {}, "The budget of your key"],
  ["users", user, "week", {}, "The weekly budget of your user"],
  ["apps", app, "day", APP, "The daily budget of your app"],
  ["organizations", organization, "month", {}, "The monthly budget of your organization"],
  ["organizations", organization, "day", APP, "The daily budget of your organization"],
])(
  "insufficient_quota names the scope, what is left and what was needed: %s",
  async (table, id, period, headers, names) => {
    await setBudget(table, id, "0.0000125", period);
    const { response, error } = await ask(headers);
    expect([response.status, error.code]).toEqual([429, "insufficient_quota"]);
    const [, needed] =
      /^(?:.*) has \$0\.000012 left, and this request needs at least \$(0\.0000\d{1,2})\. Ask your administrator to raise the budget\.$/.exec(
        error.message,
      ) ?? [];
    expect(error.message.startsWith(names)).toBe(true);
    // The input, and 16 tokens of the 64.
    expect(Number(needed)).toBeGreaterThan(0.000016);
    expect(Number(needed)).toBeLessThan(0.0001);
    await setBudget(table, id, needed ?? null, period);
    expect((await ask(headers)).response.status).toBe(200);
  },
);

test("names the tightest budget of a caller that has several", async () => {
  await setBudget("organizations", organization, "1", "month");
  await setBudget("users", user, "0.000005", "day");
  await setBudget("api_keys", apiKey, "0.000010", "day");
  expect((await ask()).error.message).toContain("The daily budget of your user has $0.000005 left,");
});

test("budget_in_flight names the scope, what is left and what is held", async () => {
  await setBudget("organizations", organization, "1", "month");
  await setBudget("api_keys", apiKey, "0.000200", "month");
  const first = gate.chat({ model: "slow", messages, max_tokens: 64_000 });
  await expect
    .poll(() => gate.upstream.requests.some(({ body }) => JSON.stringify(body).includes("slow-head")))
    .toBe(true);
  const { response, error } = await ask();
  expect([response.status, error.code]).toEqual([429, "budget_in_flight"]);
  expect(error.message).toMatch(
    /^The monthly budget of your key has \$0 left and \$0\.0002 held for requests in flight, and this request needs at least \$0\.0000\d+\. Try again when they have ended\.$/,
  );
  await (await first).text();
});

test("says of a long text, too, about what it needs, although it is not counted", async () => {
  await setBudget("users", user, "0.0001", "day");
  const content = "The quick brown fox jumps over the lazy dog, and nobody knows why. ".repeat(2_000);
  const { error } = await ask({}, { messages: [{ role: "user", content }] });
  const [, needed] = /needs at least \$([\d.]*\d)/.exec(error.message) ?? [];
  // It has 30 000 tokens.
  expect(Number(needed)).toBeGreaterThan(0.02);
  expect(Number(needed)).toBeLessThan(0.031);
});
