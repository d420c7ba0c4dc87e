import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { becomes } from "#lib/gateway/testing/move-provider";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";
import { connections } from "#lib/providers/testing/exchange-harness";
import {
  BEDROCK_EVENTS,
  type BedrockAnswer,
  exceptionFrame,
  framed,
  MODEL_ID,
  REGION,
  serveBedrock,
} from "#lib/providers/testing/fake-bedrock";
import { asEvents } from "#lib/providers/testing/hosted-claude";

const encryptionKey = randomBytes(32).toString("base64");
const models = [
  { name: "claude", upstreamModel: MODEL_ID, rates: MICRODOLLAR_RATES, contextWindow: 200_000 },
];
const gate = await testGateway({ models, encryptionKey });

/** A stream of Claude's for which Bedrock answers so. */
async function streamed(instead: BedrockAnswer) {
  const { url, keys } = await serveBedrock(instead);
  const stored = { type: "bedrock", baseUrl: url, credentials: keys, settings: { region: REGION } };
  await becomes(gate, encryptionKey, stored, connections());
  const messages = [{ role: "user", content: "Hello!" }];
  const answered = await gate.post("messages", { model: "claude", max_tokens: 50, stream: true, messages });
  return { answered, text: await answered.text(), row: await gate.rowOf(answered) };
}

const BEGINNING = BEDROCK_EVENTS.slice(0, 3);

test.each<[string, number, string]>([
  ["throttlingException", 429, "upstream_rate_limited"],
  ["serviceUnavailableException", 503, "upstream_error"],
  ["modelTimeoutException", 504, "upstream_error"],
  ["internalServerException", 502, "upstream_error"],
])("a stream that begins with a %s is an error with status %i, and free", async (name, status, code) => {
  const { answered, row } = await streamed({ frames: [exceptionFrame(name, "Try again later.")] });
  expect([answered.status, answered.headers.get("x-tollgate-code")]).toEqual([status, code]);
  expect(row).toMatchObject({ status: "released", error_code: code });
});

test("a request that Bedrock finds invalid in a stream is the client's to correct", async () => {
  const { answered, text } = await streamed({
    frames: [exceptionFrame("validationException", "messages.0.content: Field required")],
  });
  expect(answered.status).toBe(400);
  expect(JSON.parse(text)).toMatchObject({
    type: "error",
    error: { type: "invalid_request_error", message: "messages.0.content: Field required" },
  });
});

test("an exception after the content ends the stream in Anthropic's error, and what was read is charged", async () => {
  const frames = [framed(BEGINNING), exceptionFrame("throttlingException", "Too many tokens.")];
  const { text, row } = await streamed({ frames });
  expect(text.startsWith(asEvents(BEGINNING))).toBe(true);
  expect(text).toContain('event: error\ndata: {"type":"error","error":{"type":"rate_limit_error"');
  expect(row).toMatchObject({ status: "settled", input_tokens: "150", usage_source: "estimated" });
});

test.each<[string, (bytes: Buffer) => Buffer]>([
  [
    "is damaged",
    (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1) === 0 ? 1 : 0])]),
  ],
  ["is cut in the middle of a frame", (bytes) => bytes.subarray(0, -1)],
])("a stream that %s ends in an error, and what was read is charged", async (_, change) => {
  const last = framed(BEDROCK_EVENTS.slice(3));
  const { text, row } = await streamed({ frames: [framed(BEGINNING), change(last)] });
  expect(text).toContain("event: error\n");
  expect(text).not.toContain("message_stop");
  expect(row).toMatchObject({ status: "settled", input_tokens: "150", error_code: "upstream_error" });
});

test.each([
  [403, "UnrecognizedClientException", 502, "upstream_error"],
  [400, "ExpiredTokenException", 502, "upstream_error"],
  [400, "ServiceQuotaExceededException", 429, "upstream_rate_limited"],
  [429, "ThrottlingException", 429, "upstream_rate_limited"],
  [424, "ModelErrorException", 502, "upstream_error"],
  [404, "ResourceNotFoundException", 502, "upstream_error"],
] as const)("%i %s about us or the target is %i for the client", async (theirs, name, status, code) => {
  const { answered, text, row } = await streamed({ status: theirs, name, message: `${name} at arn:aws:x:1` });
  expect([answered.status, answered.headers.get("x-tollgate-code")]).toEqual([status, code]);
  expect(text).not.toMatch(/Exception|arn:/);
  expect(row.status).toBe("released");
});
