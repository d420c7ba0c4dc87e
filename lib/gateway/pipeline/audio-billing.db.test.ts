import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { wav } from "#lib/dialects/media/testing/media-files";
import { billedBy, chunk } from "#lib/gateway/testing/billing-provider";
import { testBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget } from "#lib/gateway/testing/user-budget";

/** Each rate is told by its digit in a cost. */
const rates = {
  inputPerMtok: "1",
  cacheReadPerMtok: "0.1",
  outputPerMtok: "10",
  inputAudioPerMtok: "100",
  outputAudioPerMtok: "1000",
};
const gate = await testGateway({ models: [{ name: "gpt-audio", rates, contextWindow: 100_000 }] });

let usage: object = {};
const audio = { id: "audio_1", data: wav(1), transcript: "Well.", expires_at: 1_900_000_000 };

async function answer({ stream }: { stream?: unknown }, response: ServerResponse): Promise<void> {
  if (stream) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(chunk({ role: "assistant", audio }));
    response.end(`${chunk({}, "stop")}data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
    return;
  }
  const message = { role: "assistant", content: null, audio };
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }], usage }));
}
await billedBy(gate, answer);

const body = {
  model: "gpt-audio",
  modalities: ["text", "audio"],
  audio: { voice: "alloy", format: "wav" },
  max_tokens: 200,
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "What is said?" },
        { type: "input_audio", input_audio: { data: wav(9, 8_000), format: "wav" } },
      ],
    },
  ],
};

const counts = (prompt: object, completion: object) => ({
  prompt_tokens: 120,
  completion_tokens: 60,
  total_tokens: 180,
  prompt_tokens_details: prompt,
  completion_tokens_details: completion,
});

/** What a provider reports, and the dollars of a million times that. */
const REPORTS: [string, object, number][] = [
  ["both kinds of both", counts({ audio_tokens: 90, text_tokens: 30 }, { audio_tokens: 50 }), 59_130],
  ["sound alone", counts({ audio_tokens: 120 }, { audio_tokens: 60 }), 72_000],
  ["text alone", counts({ audio_tokens: 0 }, { audio_tokens: 0 }), 720],
  // What is cached may be sound, too: then it costs the higher rate, once.
  ["cached text", counts({ audio_tokens: 90, cached_tokens: 20 }, { audio_tokens: 50 }), 59_112],
  ["cached sound", counts({ audio_tokens: 120, cached_tokens: 120 }, { audio_tokens: 50 }), 62_100],
  // More than there is counts no further.
  ["more sound than tokens", counts({ audio_tokens: 500 }, { audio_tokens: 500 }), 72_000],
];

describe.each([true, false])("sound in a chat completion (stream: %s)", (stream) => {
  test.each(REPORTS)("is charged at its rates by the report: %s", async (_, reported, usdPerMillion) => {
    await leaveBudget(gate, "10");
    usage = reported;
    const response = await gate.chat({
      ...body,
      stream,
      stream_options: stream ? { include_usage: true } : undefined,
    });
    expect(response.status).toBe(200);
    await response.text();
    const row = await gate.rowOf(response);
    expect(row).toMatchObject({ usage_source: "provider", overrun_usd: "0.000000000000" });
    expect(Number(row.cost_usd)).toBeCloseTo(usdPerMillion * 1e-6, 12);
    expect(Number(row.hold_usd)).toBeGreaterThanOrEqual(Number(row.cost_usd));
    // All of the output may be sound, and 9 s are padded to 30 s.
    expect(Number(row.hold_usd)).toBeGreaterThanOrEqual((200 * 1_000 + 300 * 100) * 1e-6);
  });

  test("does not fit a budget that covers it as text alone", async () => {
    await leaveBudget(gate, "0.003");
    const response = await gate.chat({ ...body, stream });
    expect([response.status, (await response.json()).error.code]).toEqual([429, "insufficient_quota"]);
  });
});

describe("a recording whose length nothing tells", () => {
  const data = Buffer.concat([Buffer.from("fLaC"), Buffer.alloc(64_000, 0xf8)]).toString("base64");
  const content = [{ type: "input_audio", input_audio: { data, format: "flac" } }];
  const flac = { model: "gpt-audio", max_tokens: 200, messages: [{ role: "user", content }] };
  const windowUsd = 100_000 * 100 * 1e-6;

  test("is held as a context window of sound, and charged as sound without a report", async () => {
    await leaveBudget(gate, "30");
    usage = {};
    const response = await gate.chat(flac);
    expect(response.status).toBe(200);
    await response.text();
    const row = await gate.rowOf(response);
    expect(Number(row.hold_usd)).toBeGreaterThanOrEqual(windowUsd);
    // Two seconds of it, by its size.
    expect(row.meters).toMatchObject({ input_audio_tokens: 21 });
    expect(Number(row.cost_usd)).toBeGreaterThan(21 * 100 * 1e-6);
  });

  test("does not fit a budget that covers a window of text", async () => {
    await leaveBudget(gate, "5");
    expect((await gate.chat(flac)).status).toBe(429);
  });
});

testBalancedBooks(gate);
