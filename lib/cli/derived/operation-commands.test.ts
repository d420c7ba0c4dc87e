import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { ADMIN_API_PATH, findOperation, parametersOf } from "#lib/admin-api/find-operation";
import type { Operation } from "#lib/admin-api/operation";
import { operations } from "#lib/admin-api/operations";
import { nameOf, sampleOf } from "#lib/admin-api/testing/operation-samples";
import { runHere } from "#lib/cli/testing/run-here";
import { flagOf } from "./add-derived";
import { DERIVED_OPERATIONS } from "./derived-operations";
import { COMMANDS_BY_HAND, WITHOUT_COMMAND } from "./testing/commands-by-hand";
import { describe as describeOperation } from "./testing/describe";
import { startRecordingServer } from "./testing/recording-server";

const server = await startRecordingServer();
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
});
const run = (argv: readonly string[]) => runHere(argv, { url: server.url, token: "t" });

/** What the server received, as operations of the Admin API. */
const received = () =>
  server.requests.map(({ method, path }) => nameOf(findOperation(operations, method, path).operation));

const names = new Set(operations.map(nameOf));
const derived = operations.filter(
  (operation) => !(nameOf(operation) in COMMANDS_BY_HAND) && !(nameOf(operation) in WITHOUT_COMMAND),
);

describe("every operation of the Admin API has a command", () => {
  test("by hand, derived, or a reason to have none", () => {
    expect(Object.keys(COMMANDS_BY_HAND).filter((name) => !names.has(name))).toEqual([]);
    expect(Object.keys(WITHOUT_COMMAND).filter((name) => !names.has(name))).toEqual([]);
    expect(DERIVED_OPERATIONS.map(nameOf)).toEqual(derived.map(nameOf));
  });

  // After a change of the API: npx vitest run lib/cli/derived -u
  test("derived ones are those of the table", async () => {
    const described = derived.map(describeOperation);
    await expect(`${JSON.stringify(described, null, 2)}\n`).toMatchFileSnapshot("operations.json");
  });

  test.each(Object.entries(COMMANDS_BY_HAND))("%s", async (name, argv) => {
    const { code, err } = await run(argv);
    expect(received(), `${code} ${err}`).toContain(name);
  });

  test.each(derived.map((operation) => [nameOf(operation), operation] as const))(
    "%s",
    async (name, operation) => {
      const { argv, input } = commandLineOf(operation);
      const { code, err } = await run(argv);
      expect([code, err.includes("tollgate:")], err).toEqual([0, false]);
      expect(received()).toContain(name);
      const sent = server.requests.at(-1);
      expect(sent?.path.startsWith(ADMIN_API_PATH)).toBe(true);
      if (operation.method === "GET") expect(Object.fromEntries(sent?.query ?? [])).toMatchObject(input);
      else if (operation.method !== "DELETE") expect(sent?.body ?? {}).toEqual(input);
    },
  );
});

test("a filter that is an object is sent by its parts", async () => {
  await run(["app", "list", "--metadata", '{"team": "search"}']);
  expect(Object.fromEntries(server.requests.at(-1)?.query ?? [])).toMatchObject({
    "metadata[team]": "search",
  });
});

test("a new row is named by an argument, and others by their names", async () => {
  expect((await run(["app", "create", "checkout", "--org", uuid(1)])).code).toBe(0);
  expect(server.requests.at(-1)?.body).toEqual({ name: "checkout", organization_id: uuid(1) });
  expect(await run(["app", "create", "--org", uuid(1)])).toMatchObject({
    code: 2,
    err: expect.stringContaining("missing required argument 'name'"),
  });
  await run(["model", "get", "gpt-5"]);
  expect(received()).toContain("GET /models");
});

test("a deletion that is not confirmed says what it would delete", async () => {
  const app = uuid(4);
  const user = uuid(2);
  const session = uuid(3);
  for (const [argv, said] of [
    [["app", "delete", app], `This deletes an app: ${app}.`],
    [["user", "delete-sessions", user], `This deletes a user's sessions: ${user}.`],
    [["user", "delete-session", user, session], `This deletes one of a user's sessions: ${user} ${session}.`],
  ] as const) {
    const { code, err } = await run([...argv]);
    expect([code, err]).toEqual([2, expect.stringContaining(said)]);
  }
});

test("an object is given by its parts, a name stands for an id, and null removes", async () => {
  const { code } = await run([
    "app",
    "update",
    uuid(4),
    "--budget-limit-usd",
    "5",
    "--budget-period",
    "day",
    "--external-id",
    "null",
  ]);
  expect(code).toBe(0);
  expect(server.requests.at(-1)?.body).toEqual({
    budget: { limit_usd: "5", period: "day" },
    external_id: null,
  });
});

/** The command line of an operation's sample request. */
function commandLineOf(operation: Operation): { argv: string[]; input: Record<string, unknown> } {
  const { group, verb, takesFile = false } = describeOperation(operation);
  const input = sampleOf(operation).input(anyTarget);
  const parameters = parametersOf(operation.path);
  const args = parameters.map((parameter) => String(input[parameter]));
  const rest = Object.fromEntries(Object.entries(input).filter(([name]) => !parameters.includes(name)));
  const yes = operation.method === "DELETE" ? ["--yes"] : [];
  if (takesFile) {
    const file = join(mkdtempSync(join(tmpdir(), "tollgate-cli-")), "input.json");
    writeFileSync(file, JSON.stringify(rest));
    return { argv: [group, verb, ...args, file], input: rest };
  }
  const options = Object.entries(rest).flatMap(([name, value]) => [`--${flagOf(name)}`, optionOf(value)]);
  return { argv: [group, verb, ...args, ...options, ...yes], input: rest };
}

const isText = (value: unknown) => typeof value === "string";

/** A value as an option: texts are separated by commas, and what is neither is JSON. */
function optionOf(value: unknown): string {
  if (Array.isArray(value) && value.every(isText)) return value.join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const anyTarget = {
  organization: uuid(1),
  user: uuid(2),
  key: uuid(3),
  app: uuid(4),
  invitee: uuid(5),
  webhook: uuid(6),
  provider: uuid(7),
  model: uuid(8),
  request: uuid(9),
  rejection: uuid(10),
  delivery: uuid(11),
  notice: uuid(12),
  session: uuid(13),
  token: uuid(14),
};
