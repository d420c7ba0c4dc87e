import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seenTokens } from "#lib/dialects/events/meter-usage";
import { saidBy } from "#lib/dialects/events/stream-meter";
import { cutAt } from "#lib/dialects/testing/event-stream";
import { responsesEvents } from "./events";
import {
  ANSWER,
  CREATED,
  ended,
  event,
  itemDone,
  play,
  playText,
  response,
  text,
  USAGE,
} from "./testing/played-stream";

const COUNTED = { inputTokens: 36, cachedTokens: 20, outputTokens: 87, reasoningTokens: 64 };

describe("a stream of a response", () => {
  test.each(["completed", "incomplete"])("passes byte for byte, and holds response.%s back", (status) => {
    const end = ended(status);
    const { relayed, meter } = playText(ANSWER + end);
    expect(relayed).toBe(ANSWER);
    expect(Buffer.concat(meter.held).toString("utf8")).toBe(end);
    expect(responsesEvents.terminal(meter)).toHaveLength(0);
    expect(meter).toMatchObject({ done: true, finished: true, fault: null, usage: COUNTED });
  });

  test("means the same however its bytes are split", () => {
    const bytes = Buffer.from(ANSWER + ended("completed"));
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (positions) => {
        const { relayed, meter } = play(cutAt(bytes, positions));
        expect(relayed).toBe(ANSWER);
        expect(meter).toMatchObject({ done: true, usage: COUNTED, contentEvents: 2 });
      }),
    );
  });

  test("passes each event when it has arrived", () => {
    for (const part of [CREATED, text("a"), itemDone("a")]) expect(playText(part).relayed).toBe(part);
  });

  test("ends at nothing but its own terminal event", () => {
    const { relayed, meter } = playText(`${ANSWER}data: [DONE]\n\n`);
    expect(relayed).toBe(ANSWER);
    expect(meter).toMatchObject({ done: false, finished: false, fault: null });
  });

  test("passes nothing after its terminal event", () => {
    const { relayed, meter } = playText(ANSWER + ended("completed") + text("more"));
    expect(relayed).toBe(ANSWER);
    expect(meter).toMatchObject({ contentEvents: 2, usage: COUNTED });
  });

  test("has begun with its first item, though the reasoning stays hidden", () => {
    expect(saidBy(playText(CREATED).meter)).toBe("nothing");
    const item = { type: "reasoning", id: "rs_1", summary: [] };
    expect(saidBy(playText(CREATED + event("output_item.added", { output_index: 0, item })).meter)).toBe(
      "content",
    );
  });

  test("is an answer without any output, too", () => {
    expect(saidBy(playText(ended("incomplete")).meter)).toBe("content");
  });

  test("counts what comes in parts once, and whole items that do not", () => {
    const words = "a".repeat(400);
    expect(seenTokens(playText(text(words) + itemDone(words)).meter)).toBe(100);
    expect(seenTokens(playText(itemDone(words)).meter)).toBe(100);
    expect(seenTokens(playText(text(words) + itemDone(words) + itemDone(words)).meter)).toBe(200);
  });

  test("counts a text whose bytes are tokens by these, once", () => {
    const runes = "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠ";
    const bytes = Buffer.byteLength(runes);
    for (const parts of [text(runes), itemDone(runes), text(runes) + itemDone(runes)]) {
      const seen = seenTokens(playText(parts).meter);
      expect(seen).toBeGreaterThan(0.8 * bytes);
      expect(seen).toBeLessThan(1.2 * bytes);
    }
  });

  test("knows what more its rare characters are, once", () => {
    const rare = { o200k: 16, cl100k: 16, p50k: 16 };
    const parts = text("嶕") + text("櫿");
    for (const shown of [parts, itemDone("嶕櫿"), parts + itemDone("嶕櫿"), itemDone("嶕") + text("櫿")])
      expect(playText(shown).meter.rare).toMatchObject(rare);
  });

  test("counts parts alike if their type is not first", () => {
    const delta = "a".repeat(400);
    const other = `data: ${JSON.stringify({ delta, type: "response.output_text.delta" })}\n\n`;
    expect(seenTokens(playText(other).meter)).toBe(100);
  });

  test.each([
    "output_text",
    "refusal",
    "reasoning_text",
    "reasoning_summary_text",
    "function_call_arguments",
    "custom_tool_call_input",
    "new_kind",
  ])("counts the parts of %s", (kind) => {
    const { meter } = playText(event(`${kind}.delta`, { item_id: "i", delta: "a".repeat(40) }));
    expect(seenTokens(meter)).toBe(10);
    expect(meter.hasContent).toBe(true);
  });

  test("that has failed is an error with its usage", () => {
    const error = { code: "server_error", message: "out of memory" };
    const { relayed, meter } = playText(ANSWER + ended("failed", { error, usage: USAGE }));
    expect(relayed).toBe(ANSWER);
    expect(meter).toMatchObject({ done: false, usage: COUNTED });
    expect(meter.fault).toEqual({ kind: "provider_error", detail: { error } });
  });

  test.each<[string, string, object]>([
    [
      "the API's own event",
      `event: error\ndata: ${JSON.stringify({ type: "error", code: "rate_limit_exceeded", message: "slow", param: null, sequence_number: 1 })}\n\n`,
      { code: "rate_limit_exceeded", message: "slow", param: null },
    ],
    [
      "one that wraps it",
      `data: ${JSON.stringify({ type: "error", error: { message: "no" } })}\n\n`,
      { error: { message: "no" } },
    ],
    ["an error of chat completions", 'data: {"error":{"message":"no"}}\n\n', { error: { message: "no" } }],
    ["words", "event: error\ndata: out of memory\n\n", { message: "out of memory" }],
  ])("stops at an error: %s", (_, error, detail) => {
    for (const before of ["", ANSWER]) {
      const { relayed, meter } = playText(before + error + text("more"));
      expect(relayed).toBe(before);
      expect(meter.fault).toEqual({ kind: "provider_error", detail });
    }
  });

  test("breaks at half an event, and at one that is costly to parse", () => {
    expect(playText(`${ANSWER}data: {"type":"resp\n\n`).meter.fault).toEqual({ kind: "broken" });
    const costly = `data: {"type":"x","list":[${"{},".repeat(2_000_000)}{}]}\n\n`;
    expect(playText(ANSWER + costly).meter.fault).toEqual({ kind: "broken" });
  });

  test("passes kinds of events that are new, and nothing that is none", () => {
    const other = 'data: {"type":"response.something.new","x":1}\n\n';
    expect(playText(other).relayed).toBe(other);
    expect(playText('data: {"x":1}\n\ndata: null\n\n').relayed).toBe(":\n\n");
  });

  test("tells its client of a failure as the API does, under the response's own id", () => {
    const { meter } = playText(ANSWER);
    const failed = responsesEvents.failed(
      { message: "It broke.", type: "server_error", param: null, code: "upstream_error" },
      meter,
    );
    const [name, data] = failed.toString("utf8").split("\n");
    expect(name).toBe("event: response.failed");
    expect(JSON.parse(data?.slice("data: ".length) ?? "")).toMatchObject({
      type: "response.failed",
      response: { id: "resp_1", status: "failed", error: { code: "upstream_error", message: "It broke." } },
    });
  });

  test("reports no usage at its beginning", () => {
    expect(playText(CREATED + event("in_progress", { response: response({}) })).meter.usage).toBeNull();
  });
});
