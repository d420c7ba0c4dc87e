import { createServer } from "node:http";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { runHere } from "#lib/cli/testing/run-here";
import { closeServer, listen } from "#lib/testing/listening";

type Reply = { status?: number; body: unknown };
const KEY = `tg_live_${"a".repeat(38)}`;
const page = (...data: object[]): Reply => ({ body: { data, next_cursor: null } });
const error = (status: number, code: string, message: string): Reply => ({
  status,
  body: { error: { message, code } },
});
const provider = { id: "p-1", name: "openai", type: "openai", enabled: true };
const key = { id: "k-1", name: "laptop", key_prefix: "tg_live_aaaa" };

const FINE: Readonly<Record<string, Reply>> = {
  "GET /livez": { body: {} },
  "GET /health": {
    body: {
      status: "healthy",
      database: { healthy: true, latency_ms: 0.4 },
      redis: { configured: true, healthy: true, latency_ms: 0.2 },
      mail: { configured: false },
      providers: {},
      journal: { waiting: 0, rejected: 0 },
    },
  },
  "GET /api/admin/v1/providers": page(provider),
  "POST /api/admin/v1/providers/p-1/test": { body: { healthy: true, latency_ms: 120, error: null } },
  "GET /api/admin/v1/models": page({
    id: "m-1",
    name: "m",
    targets: [{ provider_id: "p-1", enabled: true }],
  }),
  "GET /api/admin/v1/api-keys": page(key),
  "GET /v1/me": {
    body: { organization: { name: "Acme" }, user: { email: "ada@acme.example" }, budgets: [] },
  },
  "GET /v1/models": { body: { data: [{ id: "m" }] } },
};

let replies: Record<string, Reply>;
beforeEach(() => {
  replies = { ...FINE };
});
const server = createServer((request, response) => {
  const name = `${request.method} ${request.url?.split("?")[0]}`;
  const { status = 200, body } = replies[name] ?? error(404, "not_found", name);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
});
const url = `http://127.0.0.1:${await listen(server)}`;
afterAll(() => closeServer(server));

type Check = { name: string; state: string; detail: string; fix?: string };
async function doctor(args: readonly string[] = [], token: string | undefined = "t", stdin = "") {
  const ran = await runHere(["doctor", "--json", ...args], { url, stdin, ...(token && { token }) });
  const { ok, checks }: { ok: boolean; checks: Check[] } = JSON.parse(ran.out);
  return { ...ran, ok, checks, bad: checks.filter(({ state }) => state !== "ok") };
}

test("needs no model where keys reach those of their provider", async () => {
  replies["GET /api/admin/v1/models"] = page();
  replies["GET /api/admin/v1/api-keys"] = page(key, { ...key, provider_id: "p-1" });
  const { code, checks } = await doctor();
  expect(code).toBe(0);
  expect(checks).toContainEqual({
    name: "models",
    state: "ok",
    detail: "there is none; keys of one provider use its own",
  });
});

test("finds nothing where all is well", async () => {
  const { code, ok, checks, bad } = await doctor(["--key", KEY]);
  expect([code, ok, bad]).toEqual([0, true, []]);
  expect(checks.map(({ name }) => name)).toEqual([
    "server",
    "database",
    "redis",
    "provider openai",
    "models",
    "key",
    "models of the key",
  ]);
  const { out } = await runHere(["doctor"], { url, token: "t" });
  expect(out).toMatch(/ok\s+database\s+answers in 0.4 ms/);
});

test("says that the server cannot be reached, and asks nothing else", async () => {
  const ran = await runHere(["doctor", "--json"], { url: "http://127.0.0.1:1", token: "t" });
  expect(ran.code).toBe(1);
  expect(JSON.parse(ran.out).checks).toEqual([
    expect.objectContaining({ name: "server", state: "failed", fix: expect.stringContaining("npm start") }),
  ]);
});

test("says what it cannot check without an admin token", async () => {
  const { code, bad } = await doctor([], "");
  expect([code, bad]).toEqual([1, [expect.objectContaining({ name: "token", state: "failed" })]]);
});

test.each<[string, Record<string, Reply>, string, RegExp]>([
  [
    "a database that is away",
    { "GET /health": { status: 503, body: { status: "degraded", database: { healthy: false } } } },
    "database",
    /DATABASE_URL/,
  ],
  [
    "Redis that is away",
    {
      "GET /health": {
        body: {
          status: "degraded",
          database: { healthy: true },
          redis: { configured: true, healthy: false },
        },
      },
    },
    "redis",
    /REDIS_URL/,
  ],
  [
    "rejected credentials",
    { "POST /api/admin/v1/providers/p-1/test": { body: { healthy: false, error: "401: invalid API key" } } },
    "provider openai",
    /provider update openai --api-key -/,
  ],
  [
    "an address without an answer",
    { "POST /api/admin/v1/providers/p-1/test": { body: { healthy: false, error: "connection refused" } } },
    "provider openai",
    /--base-url/,
  ],
  ["no provider", { "GET /api/admin/v1/providers": page() }, "providers", /provider create/],
  [
    "a disabled provider",
    { "GET /api/admin/v1/providers": page({ ...provider, enabled: false }) },
    "models",
    /model create/,
  ],
  ["no model", { "GET /api/admin/v1/models": page() }, "models", /model create/],
])("names %s, and what to do", async (_, changed, name, fix) => {
  Object.assign(replies, changed);
  const { code, bad } = await doctor();
  expect(code).toBe(1);
  expect(bad).toContainEqual(
    expect.objectContaining({ name, state: "failed", fix: expect.stringMatching(fix) }),
  );
});

describe("a pasted key", () => {
  const rejected = {
    "GET /v1/me": error(401, "invalid_api_key", "This key is unknown, revoked or expired."),
  };
  const found = async (pasted: string) =>
    (await doctor(["--key", pasted])).bad
      .map(({ name, detail, fix }) => `${name}: ${detail} ${fix}`)
      .join("\n");

  test("is taken out of quotes and Bearer, and read from stdin", async () => {
    for (const pasted of [`"Bearer ${KEY}"`, `Bearer ${KEY}`, `'${KEY}'`]) {
      expect(await found(pasted)).toMatch(/^key: was pasted with quotes, spaces or "Bearer".*$/);
    }
    expect(await found(`${KEY.slice(0, 30)} ${KEY.slice(30)}`)).toMatch(/has a space/);
    expect((await doctor(["--key", "-"], "t", `"${KEY}"\n`)).bad.map(({ state }) => state)).toEqual([
      "warning",
    ]);
    // As echo writes it.
    for (const end of ["\n", "\r\n", ""])
      expect((await doctor(["--key", "-"], "t", `${KEY}${end}`)).bad).toEqual([]);
  });

  test("that is cut off is told before it is sent", async () => {
    expect(await found(KEY.slice(0, 20))).toMatch(/key: is not whole: it has 20 characters/);
  });

  test("that is revoked, expired or unknown is told so", async () => {
    Object.assign(replies, rejected);
    expect(await found(KEY)).toMatch(/Is it a key of this server/);
    replies["POST /api/admin/v1/api-keys/find"] = {
      body: { ...key, revoked_at: "2026-01-02T03:04:05.000Z" },
    };
    expect(await found(KEY)).toMatch(/"laptop" \(k-1\), which was revoked on 2026-01-02 03:04 UTC/);
    replies["POST /api/admin/v1/api-keys/find"] = {
      body: { ...key, expires_at: "2026-01-02T03:04:05.000Z" },
    };
    expect(await found(KEY)).toMatch(/expired on 2026-01-02 03:04 UTC npx tollgate key update k-1/);
  });

  test("whose payment has ended, budget is spent or models are none is told so", async () => {
    replies["GET /v1/me"] = error(403, "payment_expired", "The payment has expired.");
    expect(await found(KEY)).toMatch(/--payment-valid-until/);
    const budget = {
      scope: "api_key",
      limit_usd: "5",
      period: "day",
      remaining_usd: "0",
      resets_at: "2026-01-02T00:00:00.000Z",
    };
    replies["GET /v1/me"] = { body: { budgets: [budget] } };
    replies["GET /v1/models"] = { body: { data: [] } };
    expect(await found(KEY)).toMatch(
      /budget of the api key: \$5 \(day\) is spent Raise it, or wait until 2026-01-02 00:00 UTC\.\nmodels of the key: it may use none/,
    );
  });

  test("that reaches a provider without prices is told how to price its models", async () => {
    replies["GET /v1/me"] = { body: { user: { email: null, external_id: "emp-17" } } };
    replies["GET /v1/models"] = { body: { data: [] } };
    replies["POST /api/admin/v1/api-keys/find"] = { body: { ...key, provider_id: "p-1" } };
    expect(await found(KEY)).toMatch(/provider update p-1 --prices-of .* model create MODEL --provider p-1/);
    const { checks } = await doctor(["--key", KEY]);
    expect(checks).toContainEqual({ name: "key", state: "ok", detail: "works: emp-17" });
  });
});
