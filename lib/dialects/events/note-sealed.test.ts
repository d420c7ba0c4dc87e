import { randomBytes } from "node:crypto";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { choiceEvents } from "#lib/dialects/choices/events";
import { readWholeChoices } from "#lib/dialects/choices/whole";
import { messagesEvents } from "#lib/dialects/messages/events";
import { readWholeMessage } from "#lib/dialects/messages/whole";
import { responsesEvents } from "#lib/dialects/responses/events";
import { readWholeResponse } from "#lib/dialects/responses/whole";
import { rareTokensOf } from "#lib/gateway/sizing/rare-tokens";
import { seenTokens } from "./meter-usage";
import { type EventReader, pushBytes, streamMeter } from "./stream-meter";

const PROSE = "The ferry came in at dawn, and no one was there to take its ropes. ".repeat(60);
/** What a model was made to think: each byte is a token. */
const DIGITS = Array.from({ length: 9_000 }, (_, at) => (at * 7_919) % 10).join(" ");
const sealed = (thought: string) => randomBytes(Buffer.byteLength(thought)).toString("base64");

/** How an answer has a thought: as events of a stream, and whole. */
type Form = {
  reader: EventReader;
  events: (data: string, shown: string) => object[];
  readWhole: (bytes: Buffer) => Promise<{ outputTokens: number }>;
  whole: (data: string, shown: string) => object;
};

const chat = (said: (data: string, shown: string) => object): Form => ({
  reader: choiceEvents,
  events: (data, shown) => [{ choices: [{ index: 0, delta: said(data, shown), finish_reason: null }] }],
  readWhole: readWholeChoices,
  whole: (data, shown) => ({ choices: [{ index: 0, message: said(data, shown), finish_reason: "stop" }] }),
});

const item = (data: string, shown: string) => ({
  id: "rs_1",
  type: "reasoning",
  summary: shown === "" ? [] : [{ type: "summary_text", text: shown }],
  encrypted_content: data,
});
const piecesOf = (text: string): string[] => text.match(/.{1,12}/gs) ?? [];

const FORMS: Readonly<Record<string, Form>> = {
  "OpenRouter's details": chat((data, shown) => ({
    content: shown,
    reasoning_details: [{ type: "reasoning.encrypted", data }],
  })),
  "Google's signature of a call": chat((data) => ({
    tool_calls: [
      {
        index: 0,
        id: "c",
        type: "function",
        function: { name: "f", arguments: "" },
        extra_content: { google: { thought_signature: data } },
      },
    ],
  })),
  "LiteLLM's redacted block": chat((data, shown) => ({
    content: shown,
    thinking_blocks: [{ type: "redacted_thinking", data }],
  })),
  "a signature in a message": {
    reader: messagesEvents,
    events: (data, shown) => [
      { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } },
      ...piecesOf(shown).map((thinking) => ({
        type: "content_block_delta",
        index: 0,
        delta: { type: "thinking_delta", thinking },
      })),
      { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: data } },
    ],
    readWhole: readWholeMessage,
    whole: (data, shown) => ({
      type: "message",
      content: [{ type: "thinking", thinking: shown, signature: data }],
      stop_reason: "end_turn",
    }),
  },
  "redacted thinking": {
    reader: messagesEvents,
    events: (data) => [
      { type: "content_block_start", index: 0, content_block: { type: "redacted_thinking", data } },
    ],
    readWhole: readWholeMessage,
    whole: (data) => ({
      type: "message",
      content: [{ type: "redacted_thinking", data }],
      stop_reason: "end_turn",
    }),
  },
  "an item of a response": {
    reader: responsesEvents,
    events: (data, shown) => [
      { type: "response.output_item.added", output_index: 0, item: item("gAAAA", "") },
      ...piecesOf(shown).map((delta) => ({ type: "response.reasoning_summary_text.delta", delta })),
      { type: "response.output_item.done", output_index: 0, item: item(data, shown) },
    ],
    readWhole: readWholeResponse,
    whole: (data, shown) => ({ object: "response", status: "completed", output: [item(data, shown)] }),
  },
};

function played({ reader, events }: Form, thought: string, shown = "") {
  const meter = streamMeter(reader, { passUsage: false, answers: 1 });
  for (const event of events(sealed(thought), shown)) {
    const name = "type" in event ? `event: ${event.type}\n` : "";
    pushBytes(meter, Buffer.from(`${name}data: ${JSON.stringify(event)}\n\n`));
  }
  return { meter, tokens: seenTokens(meter), most: seenTokens(meter) + rareTokensOf(meter.rare, "o3") };
}

const wholeTokens = async ({ readWhole, whole }: Form, thought: string, shown = "") =>
  (await readWhole(Buffer.from(JSON.stringify(whole(sealed(thought), shown))))).outputTokens;

describe.each(Object.entries(FORMS))("encrypted reasoning in an answer, as %s", (_, form) => {
  test("is estimated as what it likely is, streamed and whole", async () => {
    const count = countTokens(PROSE);
    for (const tokens of [played(form, PROSE).tokens, await wholeTokens(form, PROSE)]) {
      expect(tokens).toBeGreaterThan(0.5 * count);
      expect(tokens).toBeLessThan(2 * count);
    }
  });

  test("is covered where each byte is a token, though a summary is shown", () => {
    const count = countTokens(DIGITS);
    for (const shown of ["", PROSE]) {
      const { most } = played(form, DIGITS, shown);
      expect(most).toBeGreaterThanOrEqual(count);
      expect(most).toBeLessThan(1.3 * count);
    }
  });

  test("is neither sound nor a picture", () => {
    expect(played(form, PROSE).meter.mediaTokens).toBe(0);
  });
});

describe.each(["a signature in a message", "an item of a response"])("%s", (name) => {
  test("counts no thought twice that is shown", async () => {
    const form = FORMS[name];
    if (form === undefined) throw new Error(`no form ${name}`);
    const shown = played(form, "", PROSE).tokens;
    expect(played(form, PROSE, PROSE).tokens).toBeLessThan(1.1 * shown);
    expect(await wholeTokens(form, PROSE, PROSE)).toBeLessThan(1.1 * shown);
  });
});
