import { gzipSync } from "node:zlib";
import { postInParts } from "#lib/testing/post-in-parts";
import { expect, type Gate, test } from "../fixtures";

const messages = [{ role: "user", content: "Hello!" }];

type Answer = { status: number; code: string | null; param: string | null; message: string };

async function send(gate: Gate, body: string | Uint8Array<ArrayBuffer>, headers = {}): Promise<Answer> {
  const response = await fetch(`${gate.v1}/chat/completions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${gate.seeded.apiKey}`,
      "content-type": "application/json",
      ...headers,
    },
    body,
  });
  expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  const { error } = await response.json();
  const { code = null, param = null, message = "" } = error ?? {};
  return { status: response.status, code, param, message };
}

const ask = (gate: Gate, fields: object, scenario = "instant") =>
  send(gate, JSON.stringify({ model: gate.model(scenario), messages, ...fields }));

test("rejects what no provider accepts, names the field and holds nothing", async ({ gate }) => {
  const ofKey = gate.seeded.ids.apiKey;
  const rows = async () => (await gate.sql`SELECT count(*) FROM ledger WHERE api_key_id = ${ofKey}`)[0];
  const before = await rows();
  for (const [fields, param] of [
    [{ temperature: 3 }, "temperature"],
    [{ messages: [{ role: "king", content: "x" }] }, "messages[0].role"],
    [{ messages: [...messages, { role: "tool", content: "x" }] }, "messages[1].tool_call_id"],
    [{ tools: [{ type: "function" }] }, "tools[0].function"],
    [{ response_format: "json" }, "response_format"],
  ] as const) {
    expect(await ask(gate, fields)).toMatchObject({ status: 400, code: "invalid_request", param });
  }
  for (const [fields, param] of [
    [{ previous_response_id: "resp_1" }, "previous_response_id"],
    [
      { messages: [{ role: "user", content: [{ type: "file", file: { file_id: "file-1" } }] }] },
      "messages[0].content[0].file.file_id",
    ],
  ] as const) {
    expect(await ask(gate, fields)).toMatchObject({ status: 400, code: "unsupported_parameter", param });
  }
  expect(await rows()).toEqual(before);
});

test("rejects a request beyond the context window, with both numbers", async ({ gate }) => {
  const model = gate.model("usage-cached-reasoning");
  await gate.sql`UPDATE models SET context_window = 4096 WHERE name = ${model}`;
  const rejected = await ask(gate, { max_tokens: 5_000 }, "usage-cached-reasoning");
  expect(rejected).toMatchObject({ status: 400, code: "context_length_exceeded", param: "messages" });
  expect(rejected.message).toContain("4096");
  expect(rejected.message).toContain("5000");
  expect(await ask(gate, { max_tokens: 4_000 }, "usage-cached-reasoning")).toMatchObject({ status: 200 });
  await gate.sql`UPDATE models SET context_window = NULL WHERE name = ${model}`;
});

test("rejects costly bodies quickly", async ({ gate }) => {
  const deep = `{"model":"m","messages":${"[".repeat(500_000)}${"]".repeat(500_000)}}`;
  const message = JSON.stringify(messages[0]);
  const million = `{"model":"m","messages":[${`${message},`.repeat(600_000)}${message}]}`;
  for (const body of [deep, million]) {
    const startedMs = performance.now();
    expect(await send(gate, body)).toMatchObject({ status: 400, code: "invalid_request" });
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  }
});

test("distinguishes compressed bodies, invalid UTF-8 and invalid JSON", async ({ gate }) => {
  const zipped = new Uint8Array(gzipSync(JSON.stringify({ model: gate.model("instant"), messages })));
  expect(await send(gate, zipped, { "content-encoding": "gzip" })).toMatchObject({
    status: 415,
    code: "unsupported_media_type",
  });
  expect((await send(gate, new Uint8Array([0x7b, 0xff, 0x7d]))).message).toContain("UTF-8");
  expect((await send(gate, "{")).message).toContain("JSON");
});

test("accepts a body in a thousand chunks", async ({ gate }) => {
  const text = JSON.stringify({ model: gate.model("instant"), messages, user: "x".repeat(3_000) });
  expect(await postInParts(gate.v1, gate.seeded.apiKey, text)).toBe(200);
});
