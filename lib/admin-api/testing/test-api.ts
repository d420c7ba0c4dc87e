import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type AdminApi, answerAdmin } from "#lib/admin-api/answer";
import { type Operation, operation } from "#lib/admin-api/operation";
import type { UserActor } from "#lib/auth/actor";
import { type adminTokens, organizations } from "#lib/db/schema/identity";
import { invalidField } from "#lib/http/errors";
import { recordAudit } from "#lib/services/audit/record-audit";
import { hashSecret } from "#lib/services/testing/context";
import { type World, worldOfFile } from "#lib/services/testing/world";
import { type ActorContext, verb } from "#lib/services/verb";
import { addAdminToken } from "./sessions-and-tokens";
import { testVerb } from "./test-verb";

export const ADMIN_API_KEY = "an-admin-api-key-of-the-tests";
const THING = {
  name: z.string(),
  fail: z.enum(["always", "once"]).optional(),
  wait_ms: z.number().optional(),
};

let created = 0;
let failed = 0;

/** A verb like the real ones: one transaction with a change and its audit row, and a secret in its answer. */
const createThing = verb({
  role: "viewer",
  input: z.strictObject(THING),
  output: z.object({ id: z.string(), secret: z.string(), by: z.string() }),
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
      created += 1;
      return { id, secret: `secret-${created}`, by: ctx.actor.id };
    }),
});
const deleteThing = verb({
  role: "viewer",
  input: z.object({ id: z.uuid() }),
  output: z.void(),
  run: async (_ctx: ActorContext) => {},
});
const createAdministrator = verb({
  role: "admin",
  input: z.strictObject({}),
  output: z.object({}),
  run: async (_ctx: ActorContext) => ({}),
});
const exportThings = verb({
  role: "viewer",
  input: z.strictObject({}),
  output: z.object({ fileName: z.string(), text: z.string() }),
  run: async (_ctx: ActorContext) => ({ fileName: "things.csv", text: "a,b\n" }),
});

const texts = { tag: "Things", summary: "" };
const databaseIsAway = () => Promise.reject(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }));
const unexpectedError = () => Promise.reject(new Error("postgres://user:password@db broke"));
const TEST_OPERATIONS = [
  operation("POST /things", createThing, texts),
  operation("DELETE /things/{id}", deleteThing, texts),
  operation("POST /administrators", createAdministrator, texts),
  operation(
    "GET /whoami",
    testVerb(async (ctx) => ctx.actor),
    texts,
  ),
  operation("GET /unexpected-error", testVerb(unexpectedError), texts),
  operation("GET /database-away", testVerb(databaseIsAway), texts),
  operation("GET /export", testVerb(), { ...texts, csv: exportThings }),
];

export type Sent = {
  bearer?: string | null;
  /** Sent as JSON. */
  body?: object;
  /** Sent as it is, with JSON's content type unless `headers` have another. */
  text?: string;
  headers?: Record<string, string>;
};

export type Received = {
  status: number;
  headers: Headers;
  text: string;
  body: { error?: Record<string, unknown>; [field: string]: unknown };
};

/** The dispatcher over a database of its own. */
export type TestApi = {
  world: World;
  /** The user with a portal session, if any. */
  session: UserActor | null;
  answer(request: Request): Promise<Response>;
  /** As ADMIN_API_KEY unless given another bearer. */
  send(method: string, path: string, sent?: Sent): Promise<Received>;
  /** Creates an admin token, of the role admin unless given another. */
  token(values?: Partial<typeof adminTokens.$inferInsert>): Promise<string>;
};

/** Creates the API of a test file: with operations for tests, over a new world, unless given others. */
export async function createTestApi({
  operations = TEST_OPERATIONS,
  world: given,
}: {
  operations?: readonly Operation[];
  world?: World;
} = {}): Promise<TestApi> {
  const world = given ?? (await worldOfFile());
  const api: AdminApi = {
    operations,
    callers: {
      db: world.db,
      hashSecret,
      adminApiKey: ADMIN_API_KEY,
      sessionActor: async () => test.session,
    },
    portalUrl: "http://portal.test",
    contextOf: (actor) => world.as(actor),
  };
  const test: TestApi = {
    world,
    session: null,
    answer: (request) => answerAdmin(api, request),
    send: async (method, path, { bearer = ADMIN_API_KEY, body, text, headers } = {}) => {
      const sent = body === undefined ? text : JSON.stringify(body);
      const request = new Request(`http://portal.test/api/admin/v1${path}`, { method, headers, body: sent });
      if (bearer !== null) request.headers.set("authorization", `Bearer ${bearer}`);
      if (sent !== undefined && headers?.["content-type"] === undefined)
        request.headers.set("content-type", "application/json");
      return read(await answerAdmin(api, request));
    },
    token: (values) => addAdminToken(world.db, values),
  };
  return test;
}

async function read(response: Response): Promise<Received> {
  const { status, headers } = response;
  const text = await response.text();
  const json = headers.get("content-type") === "application/json" ? JSON.parse(text) : {};
  const body = z.looseObject({ error: z.record(z.string(), z.unknown()).optional() }).parse(json);
  return { status, headers, text, body };
}
