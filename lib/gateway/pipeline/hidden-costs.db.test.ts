import { expect, test } from "vitest";
import { wav } from "#lib/dialects/media/testing/media-files";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { chat } from "#lib/testing/upstream/scenario";

// A dollar is an input token.
const gate = await testGateway({
  models: [
    { name: "gpt-4o", rates: { inputPerMtok: "1000000", outputPerMtok: "0" } },
    { name: "gpt-4o-audio", rates: { inputPerMtok: "0", outputPerMtok: "0", inputAudioPerMtok: "1000000" } },
    { name: "gpt-4o-predicted", rates: { inputPerMtok: "0", outputPerMtok: "1000000" } },
    { name: "gpt-4o-without", rates: { inputPerMtok: "1000000", outputPerMtok: "0" } },
  ],
  rules: [
    { model: "gpt-4o-audio", scenario: chat({ chunks: 500 }, { paceMs: 20 }) },
    { model: "gpt-4o-predicted", scenario: chat({ chunks: 500 }, { paceMs: 20 }) },
    { model: "gpt-4o", scenario: chat({ chunks: 500 }, { paceMs: 20 }) },
    { model: "gpt-4o-without", scenario: chat({ usage: null }) },
  ],
});
// What is charged by an estimate: a provider that stops is not read on.
await gate.sql`UPDATE providers SET settings = ${gate.sql.json({ stops_on_disconnect: true })}`;
await gate.sql`
  UPDATE users SET budget_period = 'total', budget_limit_usd = 10000000 WHERE id = ${gate.seeded.ids.user}`;

async function hangUpAfterFirstEvent(body: object) {
  const gone = new AbortController();
  const response = await gate.chat(body, { signal: gone.signal });
  await response.body?.getReader().read();
  gone.abort();
  return gate.settledRow(response.headers.get("x-request-id"));
}

/** Its tokens by OpenAI's tokenizer, and where an estimate by samples looks at something else. */
const CHARACTERS = 40_000;
const sampled = 128;
const step = (CHARACTERS - sampled) / 31;
const unsampled = Array.from({ length: CHARACTERS }, (_, at) =>
  at % step < sampled + 1 || at % step > step - 1 ? " " : "\u0001",
).join("");

const texts: [string, string, number][] = [
  ["control characters", "\u0001".repeat(4_000), 4_000],
  ["what a sample does not see", unsampled, 30_000],
  ["rare words", "zqxjkv".repeat(500), 2_000],
];

test.each(texts)("a client that hangs up pays for %s under a hard budget", async (_, content, tokens) => {
  const body = { model: "gpt-4o", stream: true, messages: [{ role: "user", content }], max_tokens: 500 };
  const row = await hangUpAfterFirstEvent(body);
  expect(row).toMatchObject({ http_status: 499, usage_source: "estimated" });
  expect(Number(row.input_tokens)).toBeGreaterThanOrEqual(tokens / 2);
  expect(Number(row.input_tokens)).toBeLessThanOrEqual(tokens * 2);
});

test("a client that hangs up pays for a document of text that a sample does not see", async () => {
  const file = {
    file_data: `data:text/plain;base64,${Buffer.from(unsampled).toString("base64")}`,
    filename: "a.txt",
  };
  const messages = [{ role: "user", content: [{ type: "file", file }] }];
  const row = await hangUpAfterFirstEvent({ model: "gpt-4o", stream: true, messages, max_tokens: 500 });
  expect(Number(row.input_tokens)).toBeGreaterThanOrEqual(15_000);
  expect(Number(row.input_tokens)).toBeLessThanOrEqual(60_000);
});

test("a client that hangs up pays the price of recordings", async () => {
  const part = { type: "input_audio", input_audio: { data: wav(30, 8_000), format: "wav" } };
  const messages = [{ role: "user", content: [part] }];
  const body = { model: "gpt-4o-audio", stream: true, messages, max_tokens: 500 };
  // 30 seconds and the header of the file: two windows of 30 seconds of ten tokens, which is the most that is billed.
  expect(await hangUpAfterFirstEvent(body)).toMatchObject({
    http_status: 499,
    cost_usd: "600.000000000000",
  });
});

test("a client that hangs up pays for a prediction that is not used", async () => {
  const prediction = { type: "content", content: "const value = 1;\n".repeat(200) };
  const messages = [{ role: "user", content: "Hello!" }];
  const body = { model: "gpt-4o-predicted", stream: true, messages, max_tokens: 16, prediction };
  const row = await hangUpAfterFirstEvent(body);
  // Five tokens a line.
  expect(Number(row.output_tokens)).toBeGreaterThanOrEqual(1_000);
  expect(Number(row.output_tokens)).toBeLessThanOrEqual(2_000);
});

test("and so does one whose provider reports no usage", async () => {
  const messages = [{ role: "user", content: "\u0001".repeat(4_000) }];
  const response = await gate.chat({ model: "gpt-4o-without", messages });
  const row = await gate.settledRow(response.headers.get("x-request-id"));
  expect(Number(row.input_tokens)).toBeGreaterThanOrEqual(4_000);
});
