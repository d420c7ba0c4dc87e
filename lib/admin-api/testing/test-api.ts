import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type AdminApi, answerAdmin } from "#lib/admin-api/answer";
import { operation } from "#lib/admin-api/operation";
import type { UserActor } from "#lib/auth/actor";
import { newAdminToken } from "#lib/auth/admin-token";
import { adminTokens, organizations } from "#lib/db/schema/identity";
import { invalidField } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import { hashSecret } from "#lib/services/testing/context";
import { createWorld, type World } from "#lib/services/testing/world";
import { type ActorContext, verb } from "#lib/services/verb";

export const ADMIN_API_KEY = "an-admin-api-key-of-the-tests";
const ENCRYPTION_KEY = createHash("sha256").update("admin-api tests").digest("base64");
const THING = {
  name: z.string(),
  fail: z.enum(["always", "once"]).optional(),
  wait_ms: z.number().optional(),
};

let made = 0;
let failed = 0;

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
const createAdministrator = verb({
  role: "admin",
  input: z.strictObject({}),
  output: z.object({}),
  run: async (_ctx: ActorContext) => ({}),
});
const plain = { tag: "Things", input: z.strictObject({}), status: 200 as const, output: z.unknown() };
const table = [
  createThing,
  operation("POST /administrators", createAdministrator, {
    tag: "Things",
    summary: "Create an administrator",
  }),
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

export type Sent = { bearer?: string | null; body?: object; text?: string; headers?: Record<string, string> };

export type Answered = {
  status: number;
  headers: Headers;
  text: string;
  body: { error?: Record<string, unknown>; [field: string]: unknown };
};

/** The dispatcher over a table of its own, in a world of its own. */
export type TestApi = {
  world: World;
  /** Who is signed in to the portal; nobody unless set. */
  session: UserActor | null;
  /** As ADMIN_API_KEY unless said otherwise. */
  send(method: string, path: string, sent?: Sent): Promise<Answered>;
  /** Makes an admin token; `admin` unless said otherwise. */
  token(values?: Partial<typeof adminTokens.$inferInsert>): Promise<string>;
};

export async function createTestApi(): Promise<TestApi> {
  const world = await createWorld();
  const test: TestApi = {
    world,
    session: null,
    send: async (method, path, { bearer = ADMIN_API_KEY, body, text: given, headers = {} } = {}) => {
      const all = { ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }), ...headers };
      const text = body === undefined ? given : JSON.stringify(body);
      const url = `http://portal.test/api/admin/v1${path}`;
      const request = new Request(url, { method, headers: all, body: text });
      if (text !== undefined) request.headers.set("content-type", "application/json");
      return read(await answerAdmin(api, request));
    },
    token: async (values = {}) => {
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
    },
  };
  const api: AdminApi = {
    operations: table,
    callers: {
      db: world.db,
      hashSecret,
      adminApiKey: ADMIN_API_KEY,
      sessionActor: async () => test.session,
    },
    portalUrl: "http://portal.test",
    encryptionKey: ENCRYPTION_KEY,
    contextOf: (actor) => world.as(actor),
  };
  return test;
}

async function read(response: Response): Promise<Answered> {
  const { status, headers } = response;
  const text = await response.text();
  const json = headers.get("content-type") === "application/json" ? JSON.parse(text) : {};
  const body = z.looseObject({ error: z.record(z.string(), z.unknown()).optional() }).parse(json);
  return { status, headers, text, body };
}
