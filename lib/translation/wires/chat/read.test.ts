import { describe, expect, test } from "vitest";
import { decodeMessages } from "#lib/translation/clients/messages/decode";
import type { Delta } from "#lib/translation/delta";
import { chatReader } from "./read";

const reader = () =>
  chatReader({
    upstreamModel: "m",
    scope: "abcdefgh",
    turn: decodeMessages({ messages: [] }),
    toolNames: new Map(),
  });

/** What a stream of these chunks says. */
function streamed(...chunks: (object | string)[]) {
  const read = reader();
  const out: Delta[] = [];
  for (const chunk of chunks) read.event(typeof chunk === "string" ? chunk : JSON.stringify(chunk), "", out);
  read.end(out);
  return { out, reported: read.reported() };
}
const delta = (fields: object, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: fields, finish_reason }],
});
const part = (index: number, args: string, id?: string, name?: string) => ({
  index,
  id,
  function: { name, arguments: args },
});

describe("the chunks of a chat completion are read", () => {
  test("with reasoning under each of its names, and among the parts of a content", () => {
    const { out } = streamed(
      delta({ reasoning_content: "a" }),
      delta({ reasoning: "b" }),
      delta({
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "c" }] },
          { type: "text", text: "d" },
        ],
      }),
      delta({ content: "e" }, "length"),
      "[DONE]",
    );
    expect(out).toEqual([
      { kind: "think", text: "a" },
      { kind: "think", text: "b" },
      { kind: "think", text: "c" },
      { kind: "text", text: "d" },
      { kind: "text", text: "e" },
      { kind: "finish", reason: "length", stopSequence: null },
    ]);
  });

  test("with calls whose parts are mixed, or all at one place, or without arguments", () => {
    const mixed = streamed(
      delta({ tool_calls: [part(0, "", "c1", "f"), part(1, "", "c2", "g")] }),
      delta({ tool_calls: [part(1, "{2"), part(0, "{1")] }),
      delta({}, "stop"),
    );
    expect(mixed.out).toEqual([
      { kind: "call", index: 0, id: "c1", name: "f" },
      { kind: "call", index: 1, id: "c2", name: "g" },
      { kind: "args", index: 1, json: "{2" },
      { kind: "args", index: 0, json: "{1" },
      { kind: "finish", reason: "calls", stopSequence: null },
    ]);
    const same = streamed(
      delta({ tool_calls: [part(0, "{}", "c1", "f")] }),
      delta({ tool_calls: [part(0, "{}", "c2", "g")] }, "tool_calls"),
    );
    expect(same.out.filter(({ kind }) => kind === "call")).toHaveLength(2);
    const bare = streamed(delta({ tool_calls: [part(0, "", "c1", "f")] }, "tool_calls"));
    expect(bare.out[1]).toEqual({ kind: "args", index: 0, json: "{}" });
  });

  test("with the signatures of Google's server before their calls", () => {
    const signed = (index: number, id: string, signature?: string) => ({
      ...part(index, "{}", id, "f"),
      ...(signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }),
    });
    const { out } = streamed(
      delta({ tool_calls: [signed(0, "c1", "c2ln")] }),
      delta({ tool_calls: [signed(1, "c2")] }, "tool_calls"),
    );
    expect(out).toEqual([
      { kind: "seal", seal: { maker: "google", scope: "abcdefgh", data: "c2ln" } },
      { kind: "call", index: 0, id: "c1", name: "f" },
      { kind: "args", index: 0, json: "{}" },
      { kind: "call", index: 1, id: "c2", name: "f" },
      { kind: "args", index: 1, json: "{}" },
      { kind: "finish", reason: "calls", stopSequence: null },
    ]);
  });

  test("with a refusal as a filtered answer", () => {
    const { out } = streamed(delta({ refusal: "No." }), delta({}, "stop"));
    expect(out).toEqual([
      { kind: "text", text: "No." },
      { kind: "finish", reason: "filter", stopSequence: null },
    ]);
  });

  test("with a usage that counts all only while nothing follows it", () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    expect(streamed({ choices: [], usage }).reported?.isOfAll).toBe(true);
    expect(streamed({ choices: [], usage }, delta({ content: "a" })).reported?.isOfAll).toBe(false);
  });

  test("with an error instead of an end, and without one if it breaks off", () => {
    const error = { message: "Overloaded", code: 503 };
    expect(streamed(delta({ content: "a" }), { error }).out.at(-1)).toEqual({ kind: "error", detail: error });
    expect(streamed(delta({ content: "a" }), "<html>").out.at(-1)).toEqual({
      kind: "error",
      detail: { message: "<html>" },
    });
    expect(streamed(delta({ content: "a" })).out.map(({ kind }) => kind)).toEqual(["text"]);
  });

  test("and a body that is no answer is left as it is", () => {
    for (const body of [{ error: { message: "a" } }, { choices: [] }, null, "a"])
      expect(reader().whole(body, [])).toBe(false);
  });
});
