// @own-process: it measures how long its process is held.

import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { longestHoldMs } from "#lib/testing/loop-holds";
import { operations } from "./operations";
import { ADMIN_API_KEY, createTestApi } from "./testing/test-api";

const MEBIBYTE = 1024 * 1024;
const PART_BYTES = 65_536;
const api = await createTestApi({ operations });
const viewer = await api.token({ role: "viewer" });

/** `unit` again and again between two texts, of some mebibytes. */
const filled = (mebibytes: number, [before, unit, after]: [string, string, string]) =>
  Buffer.from(before + unit.repeat(Math.floor((mebibytes * MEBIBYTE) / unit.length)) + after);

const SHAPES: Record<string, [string, string, string]> = {
  "empty lists": ['{"name":[', "[],", "[]]}"],
  "brackets that nest": ['{"name":', "[", ""],
  "empty objects": ['{"name":[', "{},", "{}]}"],
  numbers: ['{"name":[', "1,", "1]}"],
  fields: ["{", '"name":1,', '"a":1}'],
  "one number": ['{"name":', "1", "}"],
  "one text": ['{"name":"', "x", '"}'],
  "one text of escapes": ['{"name":"', "\\u0041", '"}'],
  "one text of quotes": ['{"name":"', '\\"', '"}'],
  "a text that does not end": ['{"name":"', "é", ""],
  "white space": ["{", " ", "}"],
  "lists as prices": ["{", '"m":[[[[[]]]]],', '"n":1}'],
  "what is not JSON": ["{", "\\", ""],
};

/** As it comes from a socket: others have their turn after each part of 64 KB. */
const streamed = (bytes: Buffer) => {
  let at = 0;
  return new ReadableStream({
    pull: async (controller) => {
      await nextTurn();
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + PART_BYTES));
      at += PART_BYTES;
    },
  });
};

async function send(bearer: string, path: string, bytes: Buffer): Promise<number> {
  const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
  const init = { method: "POST", headers, body: streamed(bytes), duplex: "half" };
  return (await api.answer(new Request(`http://portal.test/api/admin/v1${path}`, init))).status;
}

const MOST_MS = 50;

/**
 * The best of some: the first also compiles the code, and in others garbage is collected, which takes long where new
 * memory does. What holds the process itself does so in each.
 */
async function best(run: () => Promise<unknown>, mostRounds = 12): Promise<number> {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < mostRounds && leastMs >= MOST_MS; round++) {
    leastMs = Math.min(leastMs, await longestHoldMs(run));
  }
  return leastMs;
}

describe("no body of 8 MB holds the process for 50 ms, whatever the caller's role:", () => {
  test.each(Object.entries(SHAPES))("%s", async (_name, shape) => {
    const eight = filled(8, shape);
    const one = filled(0.99, shape);
    const statuses = new Set<number>();
    const sent = async (...request: Parameters<typeof send>) => statuses.add(await send(...request));
    expect(await best(() => sent(viewer, "/organizations", eight))).toBeLessThan(MOST_MS);
    expect(await best(() => sent(viewer, "/api-keys", one))).toBeLessThan(MOST_MS);
    expect(await best(() => sent(ADMIN_API_KEY, "/users", one))).toBeLessThan(MOST_MS);
    expect(await best(() => sent(ADMIN_API_KEY, "/prices/import", eight))).toBeLessThan(MOST_MS);
    expect([...statuses].filter((status) => ![200, 400, 403, 413].includes(status))).toEqual([]);
  });
});

test("a price catalogue of 20,000 models and 8 MB is imported, and others are served meanwhile", async () => {
  const entry = {
    litellm_provider: "openai",
    mode: "chat",
    max_input_tokens: 128_000,
    max_output_tokens: 16_384,
    cache_read_input_token_cost: 1.25e-6,
    output_cost_per_token: 1e-5,
    supports_function_calling: true,
    source: "é".repeat(100),
  };
  const catalogue = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, n) => [`model-${n}`, { input_cost_per_token: n / 1e9, ...entry }]),
  );
  const bytes = Buffer.from(JSON.stringify(catalogue));
  expect(bytes.length).toBeGreaterThan(8 * MEBIBYTE);
  const imported = async () => expect(await send(ADMIN_API_KEY, "/prices/import", bytes)).toBe(200);
  expect(await best(imported, 6)).toBeLessThan(MOST_MS);
}, 120_000);

describe("an input of thousands of unknown fields", () => {
  const names = (count: number) => Array.from({ length: count }, (_, n) => n.toString(36));
  const answered = async (request: () => Request) => {
    const answer = await api.answer(request());
    expect(answer.status).toBe(400);
    expect((await answer.text()).length).toBeLessThan(20_000);
  };
  const headers = { authorization: `Bearer ${ADMIN_API_KEY}`, "content-type": "application/json" };

  test("is rejected by naming some of them, in a body", async () => {
    const fields = names(9_000).map((name) => [name.padEnd(90, "x"), 1]);
    const body = JSON.stringify(Object.fromEntries(fields));
    const request = () =>
      new Request("http://portal.test/api/admin/v1/users", { method: "POST", headers, body });
    expect(await best(() => answered(request))).toBeLessThan(MOST_MS);
  });

  test("is rejected by naming some of them, in a query", async () => {
    const url = `http://portal.test/api/admin/v1/users?${names(4_000).join("&")}`;
    const request = () => new Request(url, { headers });
    expect(await best(() => answered(request))).toBeLessThan(MOST_MS);
  });
});
