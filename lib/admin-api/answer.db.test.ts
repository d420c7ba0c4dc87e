import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { UserActor } from "#lib/auth/actor";
import { newAdminToken } from "#lib/auth/admin-token";
import { adminTokens, auditLog, idempotencyKeys, organizations } from "#lib/db/schema/identity";
import { invalidField } from "#lib/http/errors";
import { log } from "#lib/observability/log";
import { recordAudit } from "#lib/services/audit/record-audit";
import { forgetOldKeys } from "#lib/services/idempotency/forget-old-keys";
import { createWorld, hashSecret, type World } from "#lib/services/testing/world";
import { type AdminApi, answerAdmin } from "./answer";
import { operation } from "./operation";

const ADMIN_API_KEY = "an-admin-api-key-of-the-tests";
const ENCRYPTION_KEY = createHash("sha256").update("answer.db.test").digest("base64");
const THING = {
  name: z.string(),
  fail: z.enum(["always", "once"]).optional(),
  wait_ms: z.number().optional(),
};

let world: World;
let session: UserActor | null = null;
let made = 0;
let failed = 0;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.drop());
afterEach(() => {
  session = null;
  vi.restoreAllMocks();
});

/** A verb like every other: one transaction with a change and its audit row, and a secret in its answer. */
const createThing = operation({
  method: "POST",
  path: "/things",
  summary: "Create a thing",
  tag: "Things",
  status: 201,
  input: z.strictObject(THING),
  output: z.object({ id: z.string(), secret: z.string(), by: z.string() }),
  idempotent: true,
  run: (ctx, { name, fail, wait_ms: waitMs }) =>
    ctx.db.transaction(async (tx) => {
      const [row] = await tx.insert(organizations).values({ name }).returning({ id: organizations.id });
      const id = row?.id ?? "";
      await recordAudit(tx, ctx, {
        action: "thing.create",
        subjectType: "organization",
        subjectId: id,
        organizationId: null,
      });
      await sleep(waitMs ?? 0);
      if (fail === "always" || (fail === "once" && failed++ === 0)) throw invalidField("fail", "As asked.");
      made += 1;
      return { id, secret: `secret-${made}`, by: ctx.actor.id };
    }),
});
const plain = { tag: "Things", input: z.strictObject({}), status: 200 as const, output: z.unknown() };
const table = [
  createThing,
  operation({ ...plain, method: "GET", path: "/who", summary: "", run: async (ctx) => ctx.actor }),
  operation({
    ...plain,
    method: "GET",
    path: "/accident",
    summary: "",
    run: () => Promise.reject(new Error("postgres://user:password@db broke")),
  }),
  operation({
    ...plain,
    method: "GET",
    path: "/away",
    summary: "",
    run: () => Promise.reject(Object.assign(new Error("connect"), { code: "ECONNREFUSED" })),
  }),
  operation({
    ...plain,
    method: "GET",
    path: "/csv",
    summary: "",
    run: async () => new Response("a,b\n", { headers: { "content-type": "text/csv" } }),
  }),
  operation({
    ...plain,
    method: "DELETE",
    path: "/things/{id}",
    summary: "",
    status: 204,
    input: z.object({ id: z.uuid() }),
    output: undefined,
    run: async () => {},
  }),
];

const api = (): AdminApi => ({
  operations: table,
  callers: { db: world.db, hashSecret, adminApiKey: ADMIN_API_KEY, sessionActor: async () => session },
  portalUrl: "http://portal.test",
  encryptionKey: ENCRYPTION_KEY,
  contextOf: (actor) => world.as(actor),
});

async function send(
  method: string,
  path: string,
  {
    bearer = ADMIN_API_KEY,
    body,
    headers = {},
  }: {
    bearer?: string | null;
    body?: object;
    headers?: Record<string, string>;
  } = {},
) {
  const all = { ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }), ...headers };
  const text = body === undefined ? undefined : JSON.stringify(body);
  const request = new Request(`http://portal.test/api/admin/v1${path}`, { method, headers: all, body: text });
  if (text !== undefined) request.headers.set("content-type", "application/json");
  const response = await answerAdmin(api(), request);
  const answer = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text: answer,
    body: z
      .looseObject({ error: z.record(z.string(), z.unknown()).optional() })
      .parse(response.headers.get("content-type") === "application/json" ? JSON.parse(answer) : {}),
  };
}

async function token(values: Partial<typeof adminTokens.$inferInsert> = {}): Promise<string> {
  const secret = newAdminToken();
  await world.db.insert(adminTokens).values({
    name: "script",
    role: "admin",
    tokenHash: hashSecret(secret),
    tokenPrefix: secret.slice(0, 10),
    createdBy: "test",
    ...values,
  });
  return secret;
}

describe("a caller of the Admin API", () => {
  it("may have ADMIN_API_KEY, and is an administrator then", async () => {
    expect((await send("GET", "/who")).body).toMatchObject({
      kind: "token",
      id: "admin_api_key",
      role: "admin",
    });
  });

  it("may have an admin token, and is what that is", async () => {
    const bearer = await token({ role: "viewer", organizationId: world.a.id });
    const { body } = await send("GET", "/who", { bearer });
    expect(body).toMatchObject({ kind: "token", name: "script", role: "viewer", organizationId: world.a.id });
  });

  it("may be whoever is signed in", async () => {
    if (world.member.kind !== "user") throw new Error("not a person");
    session = world.member;
    expect((await send("GET", "/who", { bearer: null })).body).toEqual(world.member);
  });

  it.each<[string, () => Promise<Record<string, string>> | Record<string, string>]>([
    ["nothing", () => ({})],
    ["another key", () => ({ authorization: `Bearer ${ADMIN_API_KEY}x` })],
    ["the key in another scheme", () => ({ authorization: `Basic ${ADMIN_API_KEY}` })],
    ["the bare key", () => ({ authorization: ADMIN_API_KEY })],
    ["an empty bearer", () => ({ authorization: "Bearer " })],
    ["an unknown token", () => ({ authorization: `Bearer ${newAdminToken()}` })],
    [
      "an expired token",
      async () => ({ authorization: `Bearer ${await token({ expiresAt: new Date(Date.now() - 1000) })}` }),
    ],
    ["an API key", () => ({ authorization: "Bearer tg_live_x" })],
  ])("with %s is refused, on known paths and on others", async (_what, headers) => {
    const given = await headers();
    for (const path of ["/who", "/nothing"]) {
      const { status, headers: answered, body } = await send("GET", path, { bearer: null, headers: given });
      expect([status, body.error?.code, body.error?.type]).toEqual([
        401,
        "invalid_api_key",
        "authentication_error",
      ]);
      expect(answered.get("www-authenticate")).toBe("Bearer");
    }
  });

  it("with a wrong bearer is nobody, though somebody is signed in", async () => {
    if (world.admin.kind !== "user") throw new Error("not a person");
    session = world.admin;
    expect((await send("GET", "/who", { bearer: newAdminToken() })).status).toBe(401);
  });

  it("with a session changes nothing from another site's page", async () => {
    if (world.admin.kind !== "user") throw new Error("not a person");
    session = world.admin;
    const body = { name: "forged" };
    const foreign = await send("POST", "/things", {
      bearer: null,
      body,
      headers: { origin: "http://evil.test" },
    });
    expect([foreign.status, foreign.body.error?.code]).toEqual([403, "forbidden"]);
    const own = await send("POST", "/things", {
      bearer: null,
      body,
      headers: { origin: "http://portal.test" },
    });
    expect([own.status, own.body.by]).toEqual([201, world.admin.id]);
  });

  it("that is a token is noted as seen, once a minute at most", async () => {
    const bearer = await token({ name: "seen" });
    const seen = async () => {
      const rows = await world.db.select().from(adminTokens);
      return rows.find(({ name }) => name === "seen")?.lastUsedAt ?? null;
    };
    expect(await seen()).toBeNull();
    await send("GET", "/who", { bearer });
    await vi.waitFor(async () => expect(await seen()).not.toBeNull());
    const first = await seen();
    await send("GET", "/who", { bearer });
    await sleep(100);
    expect(await seen()).toEqual(first);
  });
});

describe("an answer of the Admin API", () => {
  it("has a request id of its own, and is never cached", async () => {
    const answers = [
      await send("GET", "/who"),
      await send("GET", "/csv"),
      await send("GET", "/nothing"),
      await send("PUT", "/who"),
      await send("GET", "/accident"),
      await send("GET", "/who", { bearer: null }),
      await send("DELETE", `/things/${world.a.id}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 405, 500, 401, 204]);
    const ids = answers.map(({ headers }) => headers.get("x-request-id"));
    expect(new Set(ids).size).toBe(answers.length);
    for (const [at, id] of ids.entries()) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      expect(answers[at]?.headers.get("cache-control")).toBe("no-store");
    }
  });

  it("is the verb's own where it makes a whole one", async () => {
    const { text, headers } = await send("GET", "/csv");
    expect([text, headers.get("content-type")]).toEqual(["a,b\n", "text/csv"]);
  });

  it("has nothing in it after a deletion", async () => {
    expect((await send("DELETE", `/things/${world.a.id}`)).text).toBe("");
  });

  it("tells which methods there are instead", async () => {
    const { status, headers, body } = await send("PATCH", "/things");
    expect([status, headers.get("allow"), body.error?.code]).toEqual([405, "POST", "method_not_allowed"]);
  });

  it("tells nothing about an accident, which is in the log with the request's id", async () => {
    const logged = vi.spyOn(log, "error").mockReturnValue(undefined);
    const { status, headers, text, body } = await send("GET", "/accident");
    expect([status, body.error?.code]).toEqual([500, "internal_error"]);
    expect(text).not.toMatch(/postgres|password/);
    expect(logged).toHaveBeenCalledWith(
      expect.objectContaining({ requestId: headers.get("x-request-id"), operation: "GET /accident" }),
      expect.any(String),
    );
  });

  it("says to come back while the database is away", async () => {
    const { status, headers, body } = await send("GET", "/away");
    expect([status, headers.get("retry-after"), body.error?.code]).toEqual([503, "1", "service_unavailable"]);
  });

  it("is logged without the bearer, the query or the body", async () => {
    const logged = vi.spyOn(log, "info").mockReturnValue(undefined);
    await send("POST", "/things", { body: { name: "private name" } });
    await send("GET", "/who?search=private");
    const text = JSON.stringify(logged.mock.calls);
    expect(text).toContain("POST /things");
    expect(text).toContain("admin_api_key");
    expect(text).not.toMatch(new RegExp(`private|${ADMIN_API_KEY}`));
  });
});

describe("an Idempotency-Key", () => {
  const create = (
    key: string,
    name: string,
    more: { bearer?: string; fail?: "always" | "once"; wait_ms?: number } = {},
  ) => {
    const { bearer, ...rest } = more;
    return send("POST", "/things", { bearer, body: { name, ...rest }, headers: { "idempotency-key": key } });
  };

  it("gives the same answer to the same request, secret and all, and does it once", async () => {
    const audited = await world.db.$count(auditLog);
    const first = await create("k-1", "once");
    const second = await create("k-1", "once");
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
    expect(await world.db.$count(auditLog)).toBe(audited + 1);
  });

  it("is done once however many send it at the same time", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => create("k-many", "at the same time", { wait_ms: 50 })),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(answers.filter(({ headers }) => headers.get("idempotent-replayed") === null)).toHaveLength(1);
  });

  it("stands for one request only", async () => {
    await create("k-2", "first");
    const other = await create("k-2", "second");
    expect([other.status, other.body.error?.code, other.body.error?.param]).toEqual([
      409,
      "idempotency_key_reused",
      "Idempotency-Key",
    ]);
  });

  it("is each caller's own", async () => {
    const bearer = await token();
    const [mine, theirs] = [await create("k-3", "mine"), await create("k-3", "theirs", { bearer })];
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.text).not.toBe(mine.text);
  });

  it("is not spent by a request that failed, which leaves nothing behind", async () => {
    const before = [await world.db.$count(organizations), await world.db.$count(auditLog)];
    expect((await create("k-4", "again", { fail: "always" })).status).toBe(400);
    expect((await create("k-4", "again", { fail: "always" })).headers.get("idempotent-replayed")).toBeNull();
    expect([await world.db.$count(organizations), await world.db.$count(auditLog)]).toEqual(before);
    expect((await create("k-4", "again")).status).toBe(201);
  });

  it("lets the next one try when the one that it waited for fails", async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => create("k-5", "taken over", { fail: "once", wait_ms: 50 })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 400]);
    const told = answers.filter(({ status }) => status === 201);
    expect(told.map(({ headers }) => headers.get("idempotent-replayed")).sort()).toEqual([null, "true"]);
  });

  it("keeps its answer sealed", async () => {
    const { body } = await create("k-6", "sealed");
    const rows = await world.db.select().from(idempotencyKeys);
    const kept = rows.find(({ key }) => key === "k-6");
    expect(kept?.answer?.length).toBeGreaterThan(20);
    expect(kept?.answer?.toString("latin1")).not.toContain(String(body.secret));
  });

  it("ends after a day, also where nobody has deleted it yet", async () => {
    await create("k-7", "yesterday");
    await world.db.execute(
      sql`update idempotency_keys set created_at = now() - interval '25 hours' where key = 'k-7'`,
    );
    const again = await create("k-7", "today");
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, null]);
    expect((await create("k-7", "today")).text).toBe(again.text);
    await world.db.execute(
      sql`update idempotency_keys set created_at = now() - interval '25 hours' where key = 'k-7'`,
    );
    expect(await forgetOldKeys(world.db)).toBe(1);
    expect(await forgetOldKeys(world.db)).toBe(0);
  });

  it.each(["", "a b", "x".repeat(256), "ü"])("is not %j", async (key) => {
    const answer = await create(key, "no");
    expect([answer.status, answer.body.error?.param]).toEqual([400, "Idempotency-Key"]);
  });

  it("is not asked for", async () => {
    const [one, two] = [
      await send("POST", "/things", { body: { name: "n1" } }),
      await send("POST", "/things", { body: { name: "n2" } }),
    ];
    expect([one.status, two.status]).toEqual([201, 201]);
  });
});
