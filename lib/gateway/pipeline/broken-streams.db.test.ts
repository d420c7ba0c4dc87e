import { describe, expect, test } from "vitest";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { modelsPlaying, testGateway } from "#lib/gateway/testing/test-gateway";
import { chat, raw, type Scenario } from "#lib/testing/upstream/scenario";

const messages = [{ role: "user", content: "Hello!" }];
const sse = { "content-type": "text/event-stream" };
const chunk = (index: number, text: string | null) =>
  `data: ${JSON.stringify({
    id: "c",
    object: "chat.completion.chunk",
    choices: [
      { index, delta: text === null ? {} : { content: text }, finish_reason: text === null ? "stop" : null },
    ],
  })}\n\n`;
const twoAnswers = [chunk(0, "one"), chunk(1, "two"), chunk(0, null), chunk(1, null)];

/** Writes: the role, two words, the finish reason, the usage. */
const finished = { chunks: 2, done: false };
const scenarios: Record<string, Scenario> = {
  "close-after-finish": chat(finished, {}, { does: "close", at: { afterWrites: 4 } }),
  "reset-after-finish": chat(finished, {}, { does: "reset", at: { afterWrites: 4 } }),
  "stall-after-finish": chat(finished, {}, { does: "stall", at: { afterWrites: 4 } }),
  "gzip-cut-after-finish": chat(finished, { encoding: "gzip" }, { does: "end", at: { afterWrites: 4 } }),
  "deflate-cut-after-finish": chat(
    finished,
    { encoding: "deflate" },
    { does: "end", at: { afterWrites: 4 } },
  ),
  "br-cut-after-finish": chat(finished, { encoding: "br" }, { does: "end", at: { afterWrites: 4 } }),
  "end-after-finish": chat(finished, {}, { does: "end", at: { afterWrites: 4 } }),
  "end-before-finish": chat(finished, {}, { does: "end", at: { afterWrites: 3 } }),
  "close-after-both": {
    ...raw(200, sse, [...twoAnswers, ": x\n\n"]),
    fault: { does: "close", at: { afterWrites: 4 } },
  },
  "end-after-one-of-two": raw(200, sse, twoAnswers.slice(0, 3)),
  "end-after-both": raw(200, sse, twoAnswers),
  "no-blank-line-at-the-end": raw(200, sse, [chunk(0, "one"), chunk(0, null).trimEnd()]),
  "done-without-line-end": raw(200, sse, [chunk(0, "one"), "data: [DONE]"]),
  overloaded: raw(200, sse, [
    chunk(0, "one"),
    'data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
  ]),
  "half-an-event": raw(200, sse, [chunk(0, "one"), chunk(0, null).slice(0, -9)]),
  "half-an-event-after-finish": raw(200, sse, [chunk(0, "one"), chunk(0, null), 'data: {"choices":[],"us']),
};
const gate = await testGateway({
  ...modelsPlaying(scenarios),
  silenceMs: 700,
});

async function stream(model: string) {
  const n = /both|two/.test(model) ? 2 : 1;
  const response = await gate.chat({ model, messages, stream: true, n });
  const events = (await response.text()).split("\n\n").filter((event) => event.startsWith("data:"));
  return { events, row: await gate.settledRow(response.headers.get("x-request-id")) };
}

describe("a stream ends in an error, not in [DONE]", () => {
  const breaks = {
    "when the connection is closed after the finish reason": "close-after-finish",
    "when the connection is reset after the finish reason": "reset-after-finish",
    "when nothing more comes after the finish reason": "stall-after-finish",
    "when it ends before the finish reason": "end-before-finish",
    "when gzip is cut short after the finish reason": "gzip-cut-after-finish",
    "when deflate is cut short after the finish reason": "deflate-cut-after-finish",
    "when brotli is cut short after the finish reason": "br-cut-after-finish",
    "when the connection is closed after both answers": "close-after-both",
    "when it ends after one of two answers": "end-after-one-of-two",
    "when it ends within an event": "half-an-event",
    "when it ends within an event after the finish reason": "half-an-event-after-finish",
  };
  test.each(Object.entries(breaks))("%s", async (_, model) => {
    const status = model.startsWith("stall") ? 504 : 502;
    const { events, row } = await stream(model);
    expect(events).not.toContain("data: [DONE]");
    const code = status === 504 ? "upstream_timeout" : "upstream_error";
    const last = JSON.parse(events.at(-1)?.slice(5) ?? "");
    expect(last).toMatchObject({ error: { type: "server_error", code } });
    // What came is charged.
    expect(Number(row.output_tokens)).toBeGreaterThan(0);
    expect(row).toMatchObject({ status: "settled", http_status: status, error_code: code });
  });
});

describe("a stream is whole without [DONE]", () => {
  test.each([
    ["if it ends after its finish reason", "end-after-finish", 3],
    ["if it ends after the finish reason of each answer", "end-after-both", 4],
    ["if only the last blank line is missing", "no-blank-line-at-the-end", 2],
    ["if [DONE] has no line end", "done-without-line-end", 1],
  ])("%s", async (_, model, relayed) => {
    const { events, row } = await stream(model);
    expect(events.at(-1)).toBe("data: [DONE]");
    expect(events.length - 1).toBeGreaterThanOrEqual(relayed);
    expect(row).toMatchObject({ status: "settled", http_status: 200 });
  });
});

test("a provider's error within a stream keeps a type and a code by which clients try again", async () => {
  const { events, row } = await stream("overloaded");
  expect(JSON.parse(events.at(-1)?.slice(5) ?? "")).toEqual({
    error: { message: "Overloaded", type: "overloaded_error", param: null, code: "upstream_error" },
  });
  expect(row).toMatchObject({ status: "settled", http_status: 502, error_code: "upstream_error" });
});

test("nothing is left held, and the counters sum to the ledger", async () => {
  expect(gate.gateway.inFlight.size).toBe(0);
  await expectBalancedBooks(gate);
});
