import { beforeEach, describe, expect, test } from "vitest";
import { billedAtHosts, chunk, usageOf } from "#lib/gateway/testing/billing-provider";
import { expectBalancedBooks } from "#lib/gateway/testing/ledger-expectations";
import { testGateway } from "#lib/gateway/testing/test-gateway";
import { leaveBudget, MICRODOLLAR_RATES } from "#lib/gateway/testing/user-budget";

const gate = await testGateway({
  models: [{ name: "m", upstreamModel: "m", rates: MICRODOLLAR_RATES, contextWindow: 200_000 }],
});
const event = (fields: { type: string; [name: string]: unknown }) =>
  `event: ${fields.type}\ndata: ${JSON.stringify(fields)}\n\n`;

function message(text: string, input: number, output: number): string {
  const start = { id: "msg", type: "message", role: "assistant", model: "m", content: [], stop_reason: null };
  return [
    event({ type: "message_start", message: { ...start, usage: { input_tokens: input, output_tokens: 1 } } }),
    event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
    event({ type: "content_block_stop", index: 0 }),
    event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: output } }),
    event({ type: "message_stop" }),
  ].join("");
}

const completion = (text: string, input: number, output: number) =>
  `${chunk({ content: text })}${chunk({}, "stop")}data: ${JSON.stringify({ choices: [], usage: usageOf(input, output) })}\n\ndata: [DONE]\n\n`;

const PROXY = "https://litellm.example.com/v1";
let pieces: readonly string[] = [];
/** Called before the server appends. */
let beforeMore = async () => {};
const atHost = await billedAtHosts(gate, async (_, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const [at, piece] of pieces.entries()) {
    if (at > 0) await beforeMore();
    response.write(piece);
  }
  response.end();
});

async function speak(dialects: readonly string[], host = PROXY): Promise<void> {
  const { sql, seeded } = gate;
  await sql`UPDATE providers SET settings = ${sql.json({ dialects: [...dialects] })} WHERE id = ${seeded.ids.provider}`;
  await atHost(host);
}

const BODY = { model: "m", stream: true, max_tokens: 50, messages: [{ role: "user", content: "Hi" }] };
const STREAMS = {
  messages: [message("Searching.", 300, 20), message("Found.", 10_000, 50)],
  "chat/completions": [completion("Searching.", 300, 20), completion("Found.", 10_000, 50)],
} as const;
const PATHS = ["messages", "chat/completions"] as const;
const CHARGED = { input_tokens: "10300", output_tokens: "70", cost_usd: "0.010370000000" };

beforeEach(async () => {
  beforeMore = async () => {};
  await leaveBudget(gate, 1);
});

describe.each(PATHS)("answers that a proxy appends to its stream of %s", (path) => {
  beforeEach(async () => {
    pieces = STREAMS[path];
    await speak(["chat", "messages"]);
  });

  test("are charged and recorded as an overrun, and the client gets the first, whole", async () => {
    const answer = await gate.post(path, BODY);
    const [first = ""] = pieces;
    expect(await answer.text()).toBe(
      path === "messages" ? first : first.replace(/data: [^\n]*"usage"[^\n]*\n\n/, ""),
    );
    const row = await gate.rowOf(answer);
    expect(row).toMatchObject({ ...CHARGED, usage_source: "provider", http_status: 200 });
    expect(Number(row.overrun_usd)).toBeCloseTo(0.01037 - Number(row.hold_usd), 12);
  });

  test("are charged if the client leaves before they come", async () => {
    let left = () => {};
    const hasLeft = new Promise<void>((resolve) => {
      left = resolve;
    });
    beforeMore = () => hasLeft;
    const answer = await gate.post(path, BODY);
    await answer.body?.cancel();
    const id = answer.headers.get("x-request-id") ?? "";
    await expect.poll(() => gate.gateway.inFlight.get(id)?.isClientGone()).toBe(true);
    left();
    expect(await gate.rowOf(answer)).toMatchObject({ ...CHARGED, http_status: 499 });
  });

  test("are not waited for at a maker", async () => {
    await speak(["chat", "messages"], "https://api.anthropic.com/v1");
    const answer = await gate.post(path, BODY);
    await answer.text();
    expect(await gate.rowOf(answer)).toMatchObject({ input_tokens: "300", output_tokens: "20" });
  });
});

test("a translated stream is charged for what is appended, and says the first answer alone", async () => {
  pieces = STREAMS.messages;
  await speak(["messages"]);
  const answer = await gate.post("chat/completions", BODY);
  const text = await answer.text();
  expect(text).toContain("Searching.");
  expect(text).not.toContain("Found.");
  expect(await gate.rowOf(answer)).toMatchObject({ ...CHARGED, usage_source: "provider" });
});

test("the books balance with all that was appended", async () => {
  await gate.gateway.settler.idle();
  await expectBalancedBooks(gate);
});
