import { expect, test } from "vitest";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import type { Rule, Scenario } from "#lib/testing/upstream/scenario";

const MB = 1024 * 1024;
const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };
const choice = (content: string) => ({
  index: 0,
  message: { role: "assistant", content },
  finish_reason: "stop",
});
const completion = (content: string) => JSON.stringify({ choices: [choice(content)], usage });
const json = (body: string, framing?: Scenario["framing"]): Scenario => ({
  content: { kind: "raw", status: 200, headers: { "content-type": "application/json" }, body },
  framing,
});

const picture = completion(`![a cat](data:image/png;base64,${"QUJD".repeat(5 * MB)})`);
const event = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "a".repeat(500) } }] })}\n\n`;
/** 22 vectors of 3 072 numbers are a megabyte. */
const vectors = `{"object":"list","data":[${Array(22 * 66)
  .fill(`{"object":"embedding","index":0,"embedding":[${Array(3_072).fill("-0.0123456789012").join(",")}]}`)
  .join(",")}],"usage":{"prompt_tokens":1452,"total_tokens":1452}}`;
const scenarios: Record<string, Scenario> = {
  bomb: json(completion("a".repeat(64 * MB)), { encoding: "gzip" }),
  "streamed-bomb": {
    content: {
      kind: "raw",
      status: 200,
      headers: { "content-type": "text/event-stream" },
      body: event.repeat((64 * MB) / event.length),
    },
    framing: { encoding: "br" },
  },
  picture: json(picture),
  vectors: json(vectors),
  "too-large": json(completion("a".repeat(64 * MB))),
};

const gate = await testGateway({
  models: Object.keys(scenarios).map((name) => ({ name, rates: { inputPerMtok: "2", outputPerMtok: "8" } })),
  rules: Object.entries(scenarios).map(([model, scenario]): Rule => ({ model, scenario })),
});

async function ask(model: string, stream = false) {
  const answer = await gate.chat({
    model,
    messages: [{ role: "user", content: "Hi" }],
    max_tokens: 50,
    stream,
  });
  const text = await answer.text();
  return { answer, text, row: await gate.settledRow(answer.headers.get("x-request-id")) };
}

test("an answer that unpacks from 64 KB to 64 MB is an upstream error, settled by the estimate", async () => {
  const { answer, text, row } = await ask("bomb");
  expect(answer.status).toBe(502);
  expect(JSON.parse(text).error).toMatchObject({
    code: "upstream_error",
    message: "The provider's answer unpacks to more than 100 times its size.",
  });
  expect(row).toMatchObject({ status: "settled", usage_source: "estimated", error_code: "upstream_error" });
});

test("a stream that unpacks like that breaks, and is settled by the estimate", async () => {
  const { answer, text, row } = await ask("streamed-bomb", true);
  expect(answer.status).toBe(200);
  expect(text.length).toBeLessThan(8 * MB);
  expect(text).toContain('"code":"upstream_error"');
  expect(text).not.toContain("[DONE]");
  expect(row).toMatchObject({ status: "settled", usage_source: "estimated", error_code: "upstream_error" });
});

test("an answer with a picture of 20 MB passes byte for byte, at the cost of its usage", async () => {
  const { answer, text, row } = await ask("picture");
  expect(answer.status).toBe(200);
  expect(text).toBe(picture);
  expect(row).toMatchObject({ usage_source: "provider", cost_usd: "0.000180000000", output_tokens: "20" });
});

test("a whole answer above 64 MB is an upstream error, settled by the estimate", async () => {
  const { answer, text, row } = await ask("too-large");
  expect(answer.status).toBe(502);
  expect(JSON.parse(text).error.message).toContain("larger than 67108864 bytes");
  expect(row).toMatchObject({ status: "settled", usage_source: "estimated", error_code: "upstream_error" });
});

test("embeddings above 64 MB pass byte for byte, at the cost of their usage", async () => {
  const answer = await gate.post("embeddings", { model: "vectors", input: ["a", "b"] });
  expect(answer.status).toBe(200);
  const text = await answer.text();
  expect(text.length).toBeGreaterThan(64 * MB);
  expect(text === vectors).toBe(true);
  expect(await gate.rowOf(answer)).toMatchObject({ usage_source: "provider", input_tokens: "1452" });
});
