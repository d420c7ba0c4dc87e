import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMembership } from "#lib/auth/testing/people";
import { users } from "#lib/db/schema/identity";
import type { Operation } from "./operation";
import { operations } from "./operations";
import type { Caller } from "./testing/callers";
import {
  type Cursors,
  FOREIGN,
  foreignCursors,
  type Naming,
  nameForeign,
  namingsOf,
  nowhereLike,
} from "./testing/foreign-names";
import { inputFields } from "./testing/input-fields";
import { callOf, nameOf, sampleOf } from "./testing/operation-samples";
import { type Call, rightsApiOfFile, type Target } from "./testing/rights-api";

const api = await rightsApiOfFile();
let cursors: Cursors = {};
beforeAll(async () => {
  await nameForeign(api);
  cursors = await foreignCursors(api);
});

/** Administrators may know everything. Of those without rights, the ones with data-plane credentials stand for all. */
const callers = api.callers.filter(
  ({ name, role }) => role !== "admin" && (role !== null || ["an API key", "an app"].includes(name)),
);

const fixtures = new Set(
  [api.foreign, api.colleague, ...callers.map((each) => api.selfOf(each))].flatMap((target) =>
    Object.values(target ?? {}),
  ),
);
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** An answer without what the caller sent, and without what is new in each: ids, secrets and times. */
function comparable(text: string, sent: readonly unknown[]): string {
  return sent
    .map(String)
    .filter(({ length }) => length > 5)
    .reduce((rest, value) => rest.replaceAll(value, "<sent>"), text)
    .replace(UUID, (found) => (fixtures.has(found) ? found : "<id>"))
    .replace(/\btg(adm|app)?_\w+/g, "<secret>")
    .replace(/\/invite\/\w+/g, "/invite/<token>")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>");
}

/** What a caller can see of an answer, and the statements of its operation, which stand for its time. */
async function observe(caller: Caller, call: Call, sent: readonly unknown[]) {
  const { status, text, headers, statements } = await api.watch(caller, call);
  headers.delete("x-request-id");
  return { status, headers: [...headers], text: comparable(text, sent), statements };
}

/** A call of an operation about the caller's own tenant in which some fields have other values. */
function callWith(operation: Operation, target: Target, changes: Record<string, unknown>): Call {
  const sample = sampleOf(operation);
  return callOf(operation, { ...sample, input: () => ({ ...sample.input(target), ...changes }) }, target);
}

/** The call itself, and for CSV where the operation serves it. */
const formsOf = (operation: Operation, call: Call): Call[] =>
  operation.otherMediaTypes?.includes("text/csv") === true
    ? [call, { ...call, path: `${call.path}${call.path.includes("?") ? "&" : "?"}format=csv` }]
    : [call];

const valuesIn = (value: unknown): unknown[] =>
  typeof value === "object" && value !== null ? Object.values(value) : [value];

async function compare(operation: Operation, caller: Caller, field: string, { foreign, nowhere }: Naming) {
  const target = api.selfOf(caller) ?? api.colleague;
  const seen = async (value: unknown) => {
    const calls = formsOf(operation, callWith(operation, target, { [field]: value }));
    const answers = [];
    for (const call of calls) answers.push(await observe(caller, call, valuesIn(value)));
    return answers;
  };
  const what = `${caller.name}, ${field}=${JSON.stringify(foreign)}`;
  expect({ what, answers: await seen(foreign) }).toEqual({ what, answers: await seen(nowhere) });
}

describe("what another tenant has is answered like what exists nowhere, by as much work", () => {
  test.each(operations.map((operation) => [nameOf(operation), operation] as const))(
    "%s",
    async (_name, operation) => {
      const { inPath, others } = inputFields(operation);
      for (const field of [...inPath, ...others])
        for (const naming of namingsOf(operation, field, api.foreign, cursors))
          for (const caller of callers) await compare(operation, caller, field, naming);
    },
  );
});

describe("an own user with the e-mail address of another tenant's is one like any other", () => {
  const own = operations.filter(({ path, method }) => path.startsWith("/users/{id}") && method !== "GET");
  const readings = operations.filter(({ path, method }) => path.startsWith("/users") && method === "GET");
  const twins: { id: string; email: string }[] = [];
  beforeAll(async () => {
    const { organization: organizationId } = api.colleague;
    for (const email of [FOREIGN.email, nowhereLike(FOREIGN.email)]) {
      twins.push({ email, id: await createMembership(api.world.db, { email, organizationId }) });
    }
  });
  afterAll(async () => {
    for (const { id } of twins) await api.world.db.delete(users).where(eq(users.id, id));
  });

  test.each([...own, ...readings].map((operation) => [nameOf(operation), operation] as const))(
    "%s",
    async (_name, operation) => {
      for (const caller of callers) {
        const seen = [];
        for (const { id, email } of twins) {
          const target = { ...api.colleague, user: id, invitee: id };
          const changes = operation.path === "/users" ? { search: email } : {};
          seen.push(await observe(caller, callWith(operation, target, changes), [id, email]));
        }
        expect(seen[0]).toEqual(seen[1]);
      }
    },
  );
});

test("an org_admin may use the e-mail address, name and app id that another tenant has", async () => {
  const caller = api.caller("a session of an org_admin");
  const { organization } = api.colleague;
  const calls: [Call, number][] = [
    [{ method: "POST", path: "/users", body: { email: FOREIGN.email, external_id: FOREIGN.oid } }, 201],
    [{ method: "PATCH", path: `/users/${api.colleague.user}`, body: { email: FOREIGN.email } }, 200],
    [{ method: "POST", path: "/apps", body: { name: "foreign-app", external_id: FOREIGN.appId } }, 201],
    [{ method: "PATCH", path: `/organizations/${organization}`, body: { name: "Foreign Inc." } }, 200],
  ];
  for (const [call, status] of calls) {
    const answer = await api.tryOut(caller, call);
    expect([call.path, answer.status]).toEqual([call.path, status]);
  }
});

test("a key for idempotency that another tenant used is as good as a new one", async () => {
  const created: Call = { method: "POST", path: "/users", body: { email: "replayed@example.com" } };
  const used = { "idempotency-key": "used-by-the-other-tenant" };
  const foreigner = api.callers.find(({ role }) => role === "org_admin");
  if (foreigner?.session == null) throw new Error("no org_admin");
  const theirs = {
    ...foreigner,
    session: { ...foreigner.session, id: api.foreign.user, organizationId: api.foreign.organization },
  };
  expect((await api.send(theirs, { ...created, headers: used })).status).toBe(201);
  for (const caller of callers.filter(({ role, isInside }) => role === "org_admin" && isInside)) {
    const seen = [];
    for (const key of [used["idempotency-key"], "unused"])
      seen.push(await observe(caller, { ...created, headers: { "idempotency-key": key } }, []));
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.status).toBe(201);
  }
  await api.world.db.delete(users).where(eq(users.email, "replayed@example.com"));
});

describe("the comparison", () => {
  const caller = api.caller("a session of an org_admin");
  const operation = operations.find((each) => nameOf(each) === "GET /users/{id}/usage");
  if (operation === undefined) throw new Error("no such operation");

  test("tells what exists from what does not, by answer and by work", async () => {
    const none = nowhereLike(api.colleague.user);
    const [there, nowhere] = [
      await observe(caller, callWith(operation, api.colleague, {}), [api.colleague.user]),
      await observe(caller, callWith(operation, api.colleague, { id: none }), [none]),
    ];
    expect([there.status, nowhere.status]).toEqual([200, 404]);
    expect(there.statements.length).toBeGreaterThan(nowhere.statements.length);
  });

  test("asks whether a new field names anything", () => {
    expect(() => namingsOf(operation, "nickname", api.foreign, {})).toThrow(
      /does `nickname` name anything\? Add/,
    );
  });
});
