import { describe, expect, test } from "vitest";
import { organizations } from "#lib/db/schema/identity";
import type { Operation } from "./operation";
import { operations } from "./operations";
import type { Caller } from "./testing/callers";
import { databaseDigest } from "./testing/database-digest";
import { expectedStatus, type Position, sees } from "./testing/expected-answer";
import { callOf, nameOf, SAMPLES, type Sample, sampleOf } from "./testing/operation-samples";
import { type Answer, type Call, rightsApiOfFile, type Target } from "./testing/rights-api";

const api = await rightsApiOfFile();

/** What a caller asks about. Tokens and administrators are not people of the tenant, and have no own data. */
function targetsOf(caller: Caller, { of }: Sample): [Position, Target][] {
  const self = api.selfOf(caller);
  const own: [Position, Target][] = self === null || of !== "person" ? [] : [["self", self]];
  return [...own, ["colleague", api.colleague], ["foreign", api.foreign]];
}

/** Ids that no answer may tell this caller. */
function hiddenFrom(caller: Caller): string[] {
  if (caller.role === "admin") return [];
  const { provider: _, model: __, ...foreign } = api.foreign;
  const { user, key, session, request, rejection, app, token, invitee } = api.colleague;
  const colleague = [user, key, session, request, rejection, app, token, invitee];
  return [...Object.values(foreign), ...(caller.role === "member" || !caller.isInside ? colleague : [])];
}

/** The calls of an operation: of one that serves it, as CSV, too. */
function callsOf(operation: Operation, sample: Sample, target: Target): Call[] {
  const call = callOf(operation, sample, target);
  if (operation.otherMediaTypes?.includes("text/csv") !== true) return [call];
  return [call, { ...call, path: `${call.path}${call.path.includes("?") ? "&" : "?"}format=csv` }];
}

type Row = { what: string; expected: string; received: string };

/** Judges one call by what the operation declares. */
async function judge(
  operation: Operation,
  sample: Sample,
  { caller, position, target, call }: { caller: Caller; position: Position; target: Target; call: Call },
): Promise<Row> {
  const status = expectedStatus(operation, sample, caller, position);
  const changes = status < 400 && operation.method !== "GET";
  const answer = changes ? await api.tryOut(caller, call) : await api.send(caller, call);
  const isListed = sample.lists !== undefined && sees(caller, sample, position);
  return {
    what: `${caller.name}, ${position}, ${call.path}`,
    expected: `${status}${status < 400 && isListed && !call.path.includes("csv") ? ", listed" : ""}`,
    received: describeAnswer(answer, sample, caller, target, call),
  };
}

function describeAnswer(
  { status, text }: Answer,
  sample: Sample,
  caller: Caller,
  target: Target,
  call: Call,
) {
  const told = hiddenFrom(caller).find((id) => text.includes(id));
  const isListed = status < 400 && sample.lists !== undefined && text.includes(sample.lists(target));
  const listed = isListed && !call.path.includes("csv") ? ", listed" : "";
  return `${status}${listed}${told === undefined ? "" : `, tells ${told} in ${text.slice(0, 300)}`}`;
}

describe("every operation answers every caller by its declaration", () => {
  test.each(operations.map((operation) => [nameOf(operation), operation] as const))(
    "%s",
    async (_name, operation) => {
      const sample = sampleOf(operation);
      const before = await databaseDigest(api.world.db);
      const rows: Row[] = [];
      for (const caller of api.callers) {
        for (const [position, target] of targetsOf(caller, sample)) {
          for (const call of callsOf(operation, sample, target)) {
            rows.push(await judge(operation, sample, { caller, position, target, call }));
          }
        }
      }
      const named = (field: "expected" | "received") => rows.map((row) => `${row.what}: ${row[field]}`);
      expect(named("received")).toEqual(named("expected"));
      // What was allowed is undone, so that a difference is an effect of a rejected call.
      expect(await databaseDigest(api.world.db)).toEqual(before);
    },
  );
});

describe("the table", () => {
  test("has no sample of an operation that does not exist", () => {
    const names = operations.map(nameOf);
    expect(Object.keys(SAMPLES).filter((name) => !names.includes(name))).toEqual([]);
  });

  test("says what to add for an operation without a sample", () => {
    const [operation] = operations;
    if (operation === undefined) throw new Error("there is no operation");
    expect(() => sampleOf({ ...operation, path: "/new" })).toThrow(/POST \/new has no sample request\. Add/);
  });

  test("detects a changed row by the digest of its table", async () => {
    const before = await databaseDigest(api.world.db);
    const { length } = await api.world.db.update(organizations).set({ onHangUp: "drain" }).returning();
    expect(length).toBeGreaterThan(0);
    const after = await databaseDigest(api.world.db);
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(["organizations"]);
    await api.world.db.update(organizations).set({ onHangUp: "abort" });
  });
});
