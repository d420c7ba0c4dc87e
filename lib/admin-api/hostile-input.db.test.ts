import { expect, test } from "vitest";
import { z } from "zod";
import type { Operation } from "./operation";
import { operations } from "./operations";
import { type HostileValue, hostileValuesFor } from "./testing/hostile-values";
import { type FieldPath, isRecord, leafFields, withValue } from "./testing/leaf-fields";
import { callOf, nameOf, sampleOf } from "./testing/operation-samples";
import { type Call, rightsApiOfFile } from "./testing/rights-api";

const api = await rightsApiOfFile();
const administrator = api.caller("a session of an administrator");
const target = api.colleague;

/** Stands for the value until the JSON is written. */
const PLACE = "7f0d9c3a-the-place-of-the-value";

/**
 * Written, but not given back: secrets, what only the audit log and the next request tell, and changes of many, whose
 * answer counts them.
 */
const NOT_TOLD = new Set([
  ...["password", "credentials", "reason", "grace_seconds", "create_key"],
  ...["ids", "filter", "set", "users", "dry_run", "all_or_none"],
]);

/** A valid request, which says all that the value of one field depends on. */
function validInput(operation: Operation): Record<string, unknown> {
  const input = sampleOf(operation).input(target);
  const isModel = /^(POST|PATCH) \/models(?!.*explain)/.test(nameOf(operation));
  const targets = [{ provider_id: target.provider, upstream_model: "m" }];
  return isModel ? { ...input, targets, price: { input_per_mtok: "1", output_per_mtok: "2" } } : input;
}

const parametersOf = ({ path }: Operation) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);

/** The sample's request with a value in a field. */
function callWith(operation: Operation, path: FieldPath, { json }: HostileValue): Call {
  const sample = sampleOf(operation);
  const input = withValue(operation, validInput(operation), path, { value: PLACE, target });
  const call = callOf(operation, { ...sample, input: () => input }, target);
  if (operation.method === "GET" || call.body === null) {
    const value: unknown = JSON.parse(json);
    const written = typeof value === "string" ? value : json;
    return { ...call, path: call.path.replace(PLACE, encodeURIComponent(wellFormed(written))) };
  }
  return { ...call, rawBody: JSON.stringify(call.body).replace(`"${PLACE}"`, () => json) };
}

/** An address holds no unpaired surrogate: it arrives as U+FFFD. */
const wellFormed = (text: string) => Buffer.from(text).toString();

const Rejection = z.object({ error: z.object({ message: z.string(), param: z.string().nullable() }) });

/** Null if the answer is right: an error that names the field, or the value as it was. */
function faultOf(
  operation: Operation,
  path: FieldPath,
  { json }: HostileValue,
  { status, text }: { status: number; text: string },
): string | null {
  const name = path.join(".");
  if (status >= 500) return `${status} ${text}`;
  if (status >= 400) {
    const { error } = Rejection.parse(JSON.parse(text));
    const isNamed =
      error.param === name || error.message.includes(name) || name.startsWith(`${error.param}.`);
    // A window is named by its end.
    const isWindow = name === "from" && error.param === "to";
    return isNamed || isWindow || [403, 404, 409].includes(status)
      ? null
      : `${status}, unnamed: ${error.message}`;
  }
  if (operation.method === "GET" || operation.status === 204 || NOT_TOLD.has(String(path[0]))) return null;
  // Without an organization a key belongs to that of its user.
  if (name === "organization_id" && json === "null") return null;
  const answer: unknown = JSON.parse(text);
  const kept = path.reduce<unknown>((value, key) => fieldOf(value, key), answer);
  return isSame(JSON.parse(json), kept)
    ? null
    : `${status}, sent ${json.slice(0, 80)}, kept ${JSON.stringify(kept)}`;
}

const fieldOf = (value: unknown, key: string | number): unknown =>
  Array.isArray(value) ? value[Number(key)] : isRecord(value) ? value[key] : undefined;

/** Whether two values are the same text without the space around it, amount or time. Null and "" are none. */
function isSame(given: unknown, kept: unknown): boolean {
  const sent = typeof given === "string" ? given.trim() : given;
  if (JSON.stringify(sent) === JSON.stringify(kept)) return true;
  if (sent === null || sent === "") return kept === null || kept === undefined;
  if (typeof sent !== "string" || typeof kept !== "string") return false;
  return Date.parse(sent) === Date.parse(kept) || (/^[\d.]+$/.test(sent) && plain(sent) === plain(kept));
}

const plain = (amount: string) =>
  amount.replace(/^0+(?=\d)/, "").replace(/\.?0+$/, (end) => (amount.includes(".") ? "" : end));

const seen = new Set<string>();
/** The fields of each operation that takes any, with what they are sent: all values where a field comes first. */
const TABLE = operations.flatMap((operation) => {
  const parameters = parametersOf(operation);
  const fields = leafFields(operation)
    .filter(({ path: [name] }) => !parameters.includes(String(name)))
    .map(({ path, schema }) => {
      const known = `${operation.method === "GET"} ${path.join(".")} ${schema}`;
      const values = hostileValuesFor(schema, seen.has(known));
      seen.add(known);
      return { path, values };
    });
  return fields.length === 0 ? [] : [{ name: nameOf(operation), operation, fields }];
});

test.each(TABLE)(
  "$name rejects every hostile value at its field, or keeps it as it is",
  async ({ operation, fields }) => {
    const faults: string[] = [];
    for (const { path, values } of fields) {
      for (const value of values) {
        const answer = await api.tryOut(administrator, callWith(operation, path, value));
        const fault = faultOf(operation, path, value, answer);
        if (fault !== null) faults.push(`${path.join(".")} = ${value.what}: ${fault}`);
      }
    }
    expect(faults).toEqual([]);
  },
  180_000,
);

/** U+0000 in names and texts at any depth, as the JSON of an object. */
const UNSTORABLE_WITHIN = [
  '{"a\\u0000b":{}}',
  '{"a":"b\\u0000"}',
  '{"a":{"b":[{"c":"d\\u0000"}]}}',
  '{"a":[[{"\\ud800":1}]]}',
];

test("no operation accepts an object with text that cannot be stored, whatever its depth", async () => {
  const faults: string[] = [];
  let tried = 0;
  for (const operation of operations.filter(({ method }) => method === "POST" || method === "PATCH")) {
    const sample = sampleOf(operation);
    const { rawBody: _, ...call } = callOf(
      operation,
      { ...sample, input: () => validInput(operation) },
      target,
    );
    const around = JSON.stringify(call.body ?? {}).slice(1, -1);
    for (const json of UNSTORABLE_WITHIN) {
      const rawBody = `{${[around, json.slice(1, -1)].filter((part) => part !== "").join(",")}}`;
      const { status } = await api.tryOut(administrator, { ...call, body: {}, rawBody });
      tried += 1;
      if (status !== 400) faults.push(`${nameOf(operation)} ${json}: ${status}`);
    }
  }
  expect(faults).toEqual([]);
  expect(tried).toBeGreaterThan(50);
});

/** In place of an id in a path. */
const HOSTILE_IDS = ["%00", "a%00b", "%ED%A0%80", "%", "%zz", "null", "..%2f..", "1", `${"a".repeat(8000)}`];

test("every id in a path is a UUID, or not found", async () => {
  const faults: string[] = [];
  for (const operation of operations.filter((each) => parametersOf(each).length > 0)) {
    const { path, method, body } = callOf(operation, sampleOf(operation), target);
    const ids = /[0-9a-f]{8}-[0-9a-f-]{27}/g;
    for (const id of HOSTILE_IDS) {
      const { status } = await api.tryOut(administrator, { method, body, path: path.replace(ids, id) });
      if (status !== 404) faults.push(`${nameOf(operation)} ${id.slice(0, 20)}: ${status}`);
    }
  }
  expect(faults).toEqual([]);
});

test("a query rejects names and lists that it does not know", async () => {
  const faults: string[] = [];
  for (const operation of operations.filter(({ method }) => method === "GET")) {
    const { path } = callOf(operation, sampleOf(operation), target);
    for (const query of [
      "%00=1",
      "__proto__=1",
      "constructor=1",
      "limit=1&limit=2",
      "cursor=%00",
      "a=%ED%A0%80",
    ]) {
      const sent = { method: "GET", body: null, path: `${path}${path.includes("?") ? "&" : "?"}${query}` };
      const { status } = await api.send(administrator, sent);
      if (status !== 400) faults.push(`${sent.path}: ${status}`);
    }
  }
  expect(faults).toEqual([]);
});
