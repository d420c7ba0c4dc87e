import { randomUUID } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { newApiKey } from "#lib/auth/api-key";
import type { RateWindows } from "#lib/db/schema/identity";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { freezeDate } from "#lib/testing/frozen-date";

const DEFAULT_PER_MINUTE = 50;
const messages = [{ role: "user", content: "Hello!" }];
const gate = await testGateway({
  models: [
    { name: "instant" },
    { name: "refused", upstreamModel: "model-not-found" },
    { name: "broken", upstreamModel: "close-before-head" },
    { name: "narrow" },
  ],
  limits: { RATE_LIMIT_REQUESTS_PER_MINUTE: DEFAULT_PER_MINUTE },
});
await gate.sql`UPDATE models SET context_window = 4096 WHERE name = 'narrow'`;
// Some way into a minute, so that no window ends in the middle of a test.
freezeDate(() => Math.floor(Date.now() / 60_000) * 60_000 + 15_000);

type Limits = Partial<Record<"key" | "user" | "organization" | "app", RateWindows>>;

/** An organization with a user, a key and an app of its own, and how each of them sends a request. */
async function callers(limits: Limits) {
  const [label, key, secret] = [randomUUID(), newApiKey("live"), randomUUID()];
  const json = (scope: keyof Limits) => (limits[scope] ? gate.sql.json(limits[scope]) : null);
  const [organization] = await gate.sql`
    INSERT INTO organizations (name, rate_limits) VALUES (${label}, ${json("organization")}) RETURNING id`;
  const [user] = await gate.sql`
    INSERT INTO users (organization_id, email, external_id, rate_limits)
    VALUES (${organization?.id}, ${`${label}@example.com`}, 'someone', ${json("user")}) RETURNING id`;
  const [apiKey] = await gate.sql`
    INSERT INTO api_keys (name, organization_id, user_id, key_hash, key_prefix, rate_limits)
    VALUES (${label}, ${organization?.id}, ${user?.id}, ${gate.hashSecret(key)}, 'tg_live_', ${json("key")})
    RETURNING id`;
  await gate.sql`
    INSERT INTO apps (name, external_id, organization_id, secret_hash, rate_limits)
    VALUES (${label}, ${label}, ${organization?.id}, ${gate.hashSecret(secret)}, ${json("app")})`;

  const read = async (response: Response) => {
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, rate: ratesOf(response.headers) };
  };
  const send = async (headers: Record<string, string>, body: object | string) =>
    read(
      await fetch(`${gate.url}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify({ model: "instant", messages, ...body }),
      }),
    );
  return {
    look: async (path: string) =>
      read(await fetch(`${gate.url}/${path}`, { headers: { authorization: `Bearer ${key}` } })),
    allowModels: (models: string[]) =>
      gate.sql`UPDATE api_keys SET allowed_models = ${models} WHERE id = ${apiKey?.id}`,
    ask: (fields: object | string = {}) => send({ authorization: `Bearer ${key}` }, fields),
    askByApp: (userOid?: string) =>
      send(
        { "x-gateway-secret": secret, "x-app-id": label, ...(userOid ? { "x-user-oid": userOid } : {}) },
        {},
      ),
    changeKey: (rates: RateWindows | null) =>
      gate.sql`UPDATE api_keys SET rate_limits = ${rates && gate.sql.json(rates)} WHERE id = ${apiKey?.id}`,
    changeBudget: (usd: string) =>
      gate.sql`UPDATE users SET budget_period = 'month', budget_limit_usd = ${usd} WHERE id = ${user?.id}`,
    revoke: () => gate.sql`UPDATE api_keys SET revoked_at = now() WHERE id = ${apiKey?.id}`,
  };
}

/** The rate headers without what they all begin with. */
function ratesOf(headers: Headers): Record<string, string> {
  const prefix = "x-ratelimit-";
  return Object.fromEntries(
    [...headers].flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
}
const codeOf = (text: string): unknown => JSON.parse(text).error.code;

describe("requests per minute", () => {
  test("serves as many as the key allows and reports what is left; rejects the next with retry-after", async () => {
    const { ask } = await callers({ key: { requests_per_minute: 2 } });
    const before = gate.upstream.requests.length;
    const first = await ask();
    expect(first.status).toBe(200);
    // A second and a bit into the next minute nothing weighs any more: one of one.
    expect(first.rate).toEqual({
      "limit-requests": "2",
      "remaining-requests": "1",
      "reset-requests": "45.001s",
    });
    expect((await ask()).rate).toMatchObject({ "remaining-requests": "0", "reset-requests": "1m15.001s" });
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.text).error).toEqual({
      message: "Rate limit reached for your key: 2 requests per minute. Try again in 46s.",
      type: "rate_limit_error",
      param: null,
      code: "rate_limit_exceeded",
    });
    expect(refused.headers.get("retry-after")).toBe("46");
    expect(refused.rate).toMatchObject({ "limit-requests": "2", "remaining-requests": "0" });
    expect(gate.upstream.requests.length).toBe(before + 2);
    vi.setSystemTime(Date.now() + 46_000);
    expect((await ask()).status).toBe(200);
  });

  test.each([
    ["user", "your user"],
    ["organization", "your organization"],
  ] as const)("of the %s", async (scope, whose) => {
    const { ask } = await callers({ [scope]: { requests_per_minute: 1 } });
    expect((await ask()).rate).toMatchObject({ "limit-requests": "1", "remaining-requests": "0" });
    expect((await ask()).text).toContain(whose);
  });

  test("counts an app's requests together with those of the user that it names", async () => {
    const { askByApp } = await callers({ app: { requests_per_minute: 3 }, user: { requests_per_minute: 1 } });
    expect((await askByApp("someone")).rate).toMatchObject({ "limit-requests": "1" });
    expect(codeOf((await askByApp("someone")).text)).toBe("rate_limit_exceeded");
    expect((await askByApp()).rate).toMatchObject({ "limit-requests": "3", "remaining-requests": "1" });
  });

  test("applies the default to a key and an app; their own limit takes precedence", async () => {
    const unlimited = await callers({});
    expect((await unlimited.ask()).rate).toMatchObject({
      "limit-requests": String(DEFAULT_PER_MINUTE),
      "remaining-requests": String(DEFAULT_PER_MINUTE - 1),
    });
    expect((await unlimited.askByApp()).rate).toMatchObject({ "limit-requests": String(DEFAULT_PER_MINUTE) });
    const { ask } = await callers({ key: { requests_per_minute: 7000 } });
    expect((await ask()).rate).toMatchObject({ "limit-requests": "7000" });
  });

  test("allows exactly the limit when requests arrive at once", async () => {
    const { ask } = await callers({ organization: { requests_per_minute: 12 } });
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(12);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(28);
  });
});

const HOUR_MS = 3_600_000;

test("supports any window, such as a hundred an hour, and reports the tightest", async () => {
  const { ask } = await callers({
    key: { requests_per_minute: 10, windows: [{ requests: 2, seconds: 3600 }] },
  });
  expect((await ask()).rate).toMatchObject({ "limit-requests": "2", "remaining-requests": "1" });
  expect((await ask()).status).toBe(200);
  const refused = await ask();
  expect(refused.text).toContain("2 requests per hour");
  expect(Number(refused.headers.get("retry-after"))).toBe(1 + (HOUR_MS - (Date.now() % HOUR_MS)) / 1000);
});

describe("tokens per minute", () => {
  test("a whole answer reports what is left after its usage", async () => {
    const { ask } = await callers({ key: { tokens_per_minute: 5_000 } });
    const { text, rate } = await ask({ max_tokens: 1000 });
    const used: number = JSON.parse(text).usage.total_tokens;
    expect(rate).toMatchObject({ "limit-tokens": "5000", "remaining-tokens": String(5_000 - used) });
  });

  test("a stream reports what is left after the estimate; its usage counts once it has ended", async () => {
    const { ask } = await callers({ key: { tokens_per_minute: 5_000 } });
    const streamed = await ask({ max_tokens: 1000, stream: true, stream_options: { include_usage: true } });
    expect(Number(streamed.rate["remaining-tokens"])).toBeLessThan(4_000);
    const used = Number(/"total_tokens":(\d+)/.exec(streamed.text)?.[1]);
    const next = await ask({ max_tokens: 1000 });
    const usedNext: number = JSON.parse(next.text).usage.total_tokens;
    expect(next.rate["remaining-tokens"]).toBe(String(5_000 - used - usedNext));
  });

  test("counts what is asked for before it is used: two large requests at once do not fit", async () => {
    const { ask } = await callers({ key: { tokens_per_minute: 5_000 } });
    const answers = await Promise.all([ask({ max_tokens: 3000 }), ask({ max_tokens: 3000 })]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 429]);
    expect((await ask({ max_tokens: 3000 })).status).toBe(200);
  });

  test("does not reject an output bound larger than the window", async () => {
    const { ask } = await callers({ key: { tokens_per_minute: 500 } });
    expect((await ask({ max_tokens: 64_000 })).status).toBe(200);
    expect((await ask()).status).toBe(429);
  });

  test("rejects an input larger than the window, and says that it never fits", async () => {
    const { ask } = await callers({ key: { tokens_per_minute: 500 } });
    const refused = await ask({ messages: [{ role: "user", content: "word ".repeat(1000) }] });
    expect(refused.status).toBe(429);
    expect(codeOf(refused.text)).toBe("rate_limit_exceeded");
    expect(refused.headers.get("x-should-retry")).toBe("false");
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(refused.rate).toMatchObject({ "remaining-tokens": "500" });
  });

  test("a request that is rejected later takes no tokens", async () => {
    const { ask, changeBudget } = await callers({ user: { tokens_per_minute: 5_000 } });
    await changeBudget("0");
    const refused = await ask({ max_tokens: 1000 });
    expect(codeOf(refused.text)).toBe("insufficient_quota");
    expect(refused.rate).toMatchObject({
      "remaining-tokens": "5000",
      "limit-requests": String(DEFAULT_PER_MINUTE),
    });
  });
});

test("a rejection by one window takes nothing from the others", async () => {
  const { ask, askByApp } = await callers({
    key: { requests_per_minute: 1 },
    organization: { requests_per_minute: 5, tokens_per_minute: 10_000 },
  });
  for (let times = 0; times < 4; times++) await ask();
  expect((await askByApp()).rate).toMatchObject({ "limit-requests": "5", "remaining-requests": "3" });
});

test("every answer reports the limits", async () => {
  const { ask } = await callers({ key: { requests_per_minute: 9 } });
  for (const [index, fields] of [{ model: "refused" }, { model: "broken" }, { stream: true }].entries()) {
    expect((await ask(fields)).rate).toMatchObject({
      "limit-requests": "9",
      "remaining-requests": String(8 - index),
    });
  }
});

describe("an answer that takes nothing reports them, too:", () => {
  test.each([
    ["no JSON", 400, "{"],
    ["no messages", 400, { messages: [] }],
    ["more than the context window", 400, { model: "narrow", max_tokens: 5_000 }],
    ["no such model", 404, { model: "nothing-like-it" }],
    ["too large", 413, { messages: [{ role: "user", content: "x".repeat(1_100_000) }] }],
    ["a model for others", 403, { model: "broken" }],
  ] as const)("%s", async (_, status, fields) => {
    const { ask, allowModels } = await callers({
      key: { requests_per_minute: 9, tokens_per_minute: 3_000 },
      organization: { windows: [{ requests: 5, seconds: 3600 }] },
    });
    await allowModels(["instant", "narrow"]);
    await ask();
    const answer = await ask(fields);
    expect(answer.status).toBe(status);
    expect(answer.rate).toEqual((await ask(fields)).rate);
    expect(answer.rate).toMatchObject({
      "limit-requests": "5",
      "remaining-requests": "4",
      "limit-tokens": "3000",
    });
  });

  test("the models", async () => {
    const { ask, look } = await callers({ key: { requests_per_minute: 3 } });
    await ask();
    for (const [path, status] of [
      ["models", 200],
      ["models/instant", 200],
      ["models/nothing-like-it", 404],
    ] as const) {
      const answer = await look(path);
      expect(answer.status).toBe(status);
      expect(answer.rate).toMatchObject({ "limit-requests": "3", "remaining-requests": "2" });
    }
  });

  test("an unknown caller gets no rate headers", async () => {
    const { ask, revoke } = await callers({ key: { requests_per_minute: 3 } });
    await ask();
    await revoke();
    for (const fields of [{}, "{"]) {
      expect(await ask(fields)).toMatchObject({ status: 401, rate: {} });
    }
  });
});

test("an invalid request does not count", async () => {
  const { ask } = await callers({ key: { requests_per_minute: 2 } });
  expect((await ask({ model: "nothing-like-it" })).status).toBe(404);
  expect((await ask({ messages: [] })).status).toBe(400);
  expect((await ask()).rate).toMatchObject({ "remaining-requests": "1" });
});

describe("a limit that is changed", () => {
  test("applies to the next request when lowered, and keeps the count", async () => {
    const { ask, changeKey } = await callers({ key: { requests_per_minute: 100 } });
    for (let times = 0; times < 3; times++) await ask();
    await changeKey({ requests_per_minute: 3 });
    expect((await ask()).status).toBe(429);
  });

  test("allows the next request when raised or removed", async () => {
    const { ask, changeKey } = await callers({ key: { requests_per_minute: 1 } });
    await ask();
    expect((await ask()).status).toBe(429);
    await changeKey({ requests_per_minute: 100 });
    await new Promise((resolve) => setTimeout(resolve, 250));
    const raised = await ask();
    expect([raised.status, raised.rate["limit-requests"]]).toEqual([200, "100"]);
  });

  test("does not keep a key alive that was revoked meanwhile", async () => {
    const { ask, revoke } = await callers({ key: { requests_per_minute: 1 } });
    await ask();
    await revoke();
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect((await ask()).status).toBe(401);
  });
});
