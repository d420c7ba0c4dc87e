import { randomBytes } from "node:crypto";
import { json } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "vitest";
import { seal } from "#lib/config/seal";
import { isObject } from "#lib/dialects/text/json-fields";
import { answerWhole, usageOf } from "#lib/gateway/testing/billing-provider";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { modelsPlaying, testGateway } from "#lib/gateway/testing/test-gateway";
import { credentialsOf } from "#lib/providers/open-provider";
import { serverOfFile } from "#lib/testing/server-of-file";
import { chat } from "#lib/testing/upstream/scenario";

const KEYS = ["sk-first-0123456789", "sk-second-0123456789", "sk-third-0123456789"];

/** What the provider answers to each key, and which keys it got. */
let statuses: Record<string, number> = {};
const seen: string[] = [];
const origin = await serverOfFile(async (request, response) => {
  const key = request.headers.authorization?.replace("Bearer ", "") ?? "";
  const body = await json(request);
  seen.push(key);
  const status = statuses[key] ?? 200;
  if (status === 200) {
    answerWhole(response, `Hello from ${key}`, usageOf(9, 3));
    return;
  }
  const model = isObject(body) ? body.model : null;
  response.writeHead(status, { "content-type": "application/json", "retry-after": "1" });
  response.end(JSON.stringify({ error: { message: `${model} failed`, type: "error", code: "error" } }));
});

const encryptionKey = randomBytes(32).toString("base64");
const gate = await testGateway({ ...modelsPlaying({ m: chat() }), encryptionKey });
beforeEach(async () => {
  statuses = {};
  seen.length = 0;
  await useKeys(KEYS);
});

async function useKeys(keys: readonly string[]) {
  const id = gate.seeded.ids.provider;
  const list = seal(JSON.stringify(keys.map((api_key) => ({ api_key }))), encryptionKey, credentialsOf(id));
  await gate.sql`UPDATE providers SET credentials = ${list}, base_url = ${`${origin}/v1`} WHERE id = ${id}`;
  await gate.gateway.routing({ fresh: true });
}

async function ask(headers: Record<string, string> = {}) {
  const messages = [{ role: "user", content: "Hello!" }];
  const response = await gate.chat({ model: "m", messages }, { headers });
  return { status: response.status, text: await response.text(), row: await gate.rowOf(response) };
}

describe("a provider with a list of credentials", () => {
  test("is reached by the first, and its answers show none of them", async () => {
    const { status, text } = await ask();
    expect({ status, seen }).toEqual({ status: 200, seen: [KEYS[0]] });
    expect(text).toContain("Hello from [hidden]");
  });

  test("is asked in a conversation with the one that answered, also once the first is healthy again", async () => {
    const session = { "session-id": "moved" };
    statuses = { [KEYS[0] ?? ""]: 401 };
    expect((await ask(session)).status).toBe(200);
    statuses = {};
    seen.length = 0;
    for (const headers of [session, {}, session]) expect((await ask(headers)).status).toBe(200);
    expect(seen).toEqual([KEYS[1], KEYS[0], KEYS[1]]);
  });

  test.each([401, 429])("is asked with the next one after a %i", async (status) => {
    statuses = { [KEYS[0] ?? ""]: status, [KEYS[1] ?? ""]: status };
    const answer = await ask();
    expect({ status: answer.status, seen }).toEqual({ status: 200, seen: KEYS });
    expect(answer.row.attempts.map(({ http_status }: { http_status: number }) => http_status)).toEqual([
      status,
      status,
      200,
    ]);
    await expectBalancedBooks(gate);
  });

  test("is not asked with the next one if it failed by itself", async () => {
    statuses = Object.fromEntries(KEYS.map((key) => [key, 500]));
    expect((await ask()).status).toBe(502);
    expect(new Set(seen).size).toBe(1);
  });

  test("is waited for as if it had one, if it failed by itself", async () => {
    await gate.sql`UPDATE models SET retries = 1`;
    statuses = Object.fromEntries(KEYS.map((key) => [key, 503]));
    const answer = ask();
    await expect.poll(() => seen.length).toBe(1);
    statuses = {};
    expect((await answer).status).toBe(200);
    expect([seen.length, new Set(seen).size]).toEqual([2, 1]);
    await gate.sql`UPDATE models SET retries = 0`;
  });
});
