import type { Db, Tx } from "#lib/db/client";
import { models } from "#lib/db/schema/routing";
import { recordingDb } from "#lib/db/testing/recording-db";
import { hashSecret } from "#lib/services/testing/context";
import { type World, worldOfFile } from "#lib/services/testing/world";
import { firstRow } from "#lib/testing/first-row";
import { answerAdmin } from "../answer";
import { operations } from "../operations";
import { addCallers, type Caller } from "./callers";
import { addMember, addTenant, type Person, type Tenant } from "./tenants";
import { ADMIN_API_KEY } from "./test-api";

/** What a request is about: a person and their organization, and the installation. */
export type Target = Person & Tenant & { provider: string; model: string };

export type RightsApi = {
  world: World;
  callers: readonly Caller[];
  /** Another member of the own tenant. */
  colleague: Target;
  /** A member of another tenant. */
  foreign: Target;
  /** The caller's own person. */
  selfOf(caller: Caller): Target | null;
  caller(name: string): Caller;
  /** Sends a request whose effects stay. */
  send(caller: Caller, call: Call): Promise<Answer>;
  /** Sends a request and undoes its effects. */
  tryOut(caller: Caller, call: Call): Promise<Answer>;
  /** The same, with the statements that the operation sent to the database. */
  watch(caller: Caller, call: Call): Promise<Answer & { statements: string[] }>;
};

export type Call = {
  method: string;
  path: string;
  body: object | null;
  /** Sent in place of `body`, for what JSON.stringify does not write. */
  rawBody?: string;
  headers?: Record<string, string>;
};
export type Answer = { status: number; text: string; headers: Headers };

class Undone extends Error {}

/** The Admin API over two tenants, and its callers. */
export async function rightsApiOfFile(): Promise<RightsApi> {
  const world = await worldOfFile();
  const recorded = recordingDb(world.db);
  const own = await addTenant(world.db, "own");
  const other = await addTenant(world.db, "foreign");
  const people = {
    orgAdmin: await addMember(world, own, "rights-org-admin", "org_admin"),
    member: await addMember(world, own, "rights-member", "member"),
    viewer: await addMember(world, own, "rights-viewer", "viewer"),
  };
  const installation = {
    provider: (await world.addProvider("rights-provider")).id,
    model: firstRow(
      await world.db.insert(models).values({ name: "rights-model" }).returning({ id: models.id }),
    ).id,
  };
  const callers = await addCallers(world, own, people);
  const target = (tenant: Tenant, { user, key, session, request, rejection, notice }: Person): Target => ({
    ...installation,
    ...tenant,
    user,
    key,
    session,
    request,
    rejection,
    notice,
  });
  return {
    world,
    callers,
    colleague: target(own, await addMember(world, own, "rights-colleague", "member")),
    foreign: target(other, await addMember(world, other, "rights-foreigner", "member")),
    selfOf: ({ self }) => (self === null ? null : target(own, self)),
    caller: (name) => {
      const found = callers.find((caller) => caller.name === name);
      if (found === undefined) throw new Error(`no caller is called "${name}"`);
      return found;
    },
    send: (caller, call) => send(world, world.db, caller, call),
    tryOut: (caller, call) => tryOut(world, world.db, caller, call),
    watch: async (caller, call) => {
      recorded.take();
      const answer = await tryOut(world, recorded.db, caller, call);
      return { ...answer, statements: recorded.take() };
    },
  };
}

async function tryOut(world: World, db: Db, caller: Caller, call: Call): Promise<Answer> {
  let answer: Answer | undefined;
  await db
    .transaction(async (tx) => {
      answer = await send(world, tx, caller, call);
      throw new Undone();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undone)) throw error;
    });
  if (answer === undefined) throw new Error("the request was not answered");
  return answer;
}

async function send(
  world: World,
  db: Db | Tx,
  { session, headers }: Caller,
  { method, path, body, rawBody, headers: more }: Call,
): Promise<Answer> {
  const request = new Request(`http://portal.test/api/admin/v1${path}`, {
    method,
    headers: { ...headers, ...more, ...(body === null ? {} : { "content-type": "application/json" }) },
    body: rawBody ?? (body === null ? null : JSON.stringify(body)),
  });
  const response = await answerAdmin(
    {
      operations,
      callers: { db: world.db, hashSecret, adminApiKey: ADMIN_API_KEY, sessionActor: async () => session },
      portalUrl: "http://portal.test",
      contextOf: (actor) => ({ ...world.as(actor), db }),
    },
    request,
  );
  return { status: response.status, text: await response.text(), headers: response.headers };
}
