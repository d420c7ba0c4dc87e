import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isUsageFinal, seenTokens } from "#lib/dialects/events/meter-usage";
import { pushBytes, pushEnd, saidBy } from "#lib/dialects/events/stream-meter";
import { cutAt } from "#lib/dialects/testing/event-stream";
import { messagesEvents } from "./events";
import {
  ANSWER,
  delta,
  ended,
  event,
  PING,
  play,
  playText,
  START,
  STOP,
  started,
  text,
} from "./testing/played-message";

const failedBy = (type: string) => event("error", { error: { type, message: "Overloaded" } });

describe("a stream of a message", () => {
  test("is relayed byte for byte, and its terminal event is held", () => {
    const { relayed, meter } = playText(ANSWER + STOP);
    expect(relayed).toBe(ANSWER);
    expect(meter).toMatchObject({ done: true, finished: true, fault: null });
    expect(Buffer.concat(meter.held).toString()).toBe(STOP);
    expect(messagesEvents.terminal(meter).length).toBe(0);
  });

  test("has the usage of its last report, and what only the first has", () => {
    const { meter } = playText(ANSWER + STOP);
    expect(meter.usage).toMatchObject({ inputTokens: 25, outputTokens: 15 });
    expect(isUsageFinal(meter)).toBe(true);
  });

  test("may count its input anew at the end", () => {
    const grown = { input_tokens: 15_665, cache_read_input_tokens: 10, output_tokens: 40 };
    const { meter } = playText(START + text("found") + ended("end_turn", grown) + STOP);
    expect(meter.usage).toMatchObject({ inputTokens: 15_675, cachedTokens: 10, outputTokens: 40 });
  });

  test("has no final usage before its end, not even without content", () => {
    expect(isUsageFinal(playText(START).meter)).toBe(false);
    expect(isUsageFinal(playText(START + text("a")).meter)).toBe(false);
    expect(playText(START).meter.usage).toMatchObject({ inputTokens: 25, outputTokens: 1 });
  });

  test("gets a terminal event if the provider left it out after the reason", () => {
    const { meter } = playText(ANSWER);
    expect(meter).toMatchObject({ done: false, finished: true });
    expect(messagesEvents.terminal(meter).toString()).toBe(STOP);
  });

  test("is not finished by a report without a reason", () => {
    expect(playText(START + text("a") + ended(null, { output_tokens: 3 })).meter.finished).toBe(false);
  });

  test("is read the same however its bytes are split", () => {
    const bytes = Buffer.from(ANSWER + STOP);
    const whole = play([bytes]);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (positions) => {
        const { relayed, meter } = play(cutAt(bytes, positions));
        expect(relayed).toBe(ANSWER);
        const { usage, done, finished, contentEvents, contentBytes, rare } = whole.meter;
        expect(meter).toMatchObject({ usage, done, finished, contentEvents, contentBytes, rare });
        expect(Buffer.concat(meter.held).toString()).toBe(STOP);
      }),
    );
  });

  test("relays each event as it arrives", () => {
    const meter = play([]).meter;
    for (const each of ANSWER.split(/(?<=\n\n)/)) {
      expect(Buffer.concat(pushBytes(meter, Buffer.from(each))).toString()).toBe(each);
    }
  });

  test.each([
    ["text", text("four"), 4],
    ["thinking", delta({ type: "thinking_delta", thinking: "four" }), 4],
    ["arguments", delta({ type: "input_json_delta", partial_json: '{"a":' }), 16],
    ["a call", started({ type: "tool_use", id: "toolu_1", name: "bash", input: {} }), 4],
    ["a kind that is not known", delta({ type: "new_delta", words: "four" }), 4],
    ["an empty text", started({ type: "text", text: "" }), 0],
    [
      "what a search found",
      started({ type: "web_search_tool_result", tool_use_id: "s", content: [{ url: "u" }] }),
      0,
    ],
  ])("counts %s", (_, bytes, count) => {
    const { meter } = playText(START + bytes);
    expect(meter.contentBytes).toBe(count);
    expect(meter.hasContent).toBe(count > 0);
    expect(seenTokens(meter)).toBe(Math.ceil(count / 4));
  });

  test("counts a signature, which shows nothing", () => {
    const { meter } = playText(START + delta({ type: "signature_delta", signature: "c2lnbmF0dXJl" }));
    expect(meter).toMatchObject({ contentBytes: 12, hasContent: false });
  });

  test("counts a text whose bytes are tokens by these", () => {
    const runes = "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠ";
    const bytes = Buffer.byteLength(runes);
    expect(seenTokens(playText(START + text(runes)).meter)).toBeGreaterThan(0.8 * bytes);
    const { meter } = playText(START + delta({ type: "new_delta", words: runes }));
    expect(seenTokens(meter)).toBeGreaterThan(0.8 * bytes);
  });

  test("knows what more its rare characters are, however they are read", () => {
    const rare = { o200k: 8, cl100k: 8, p50k: 8, letters: 0 };
    expect(playText(START + text("嶕")).meter.rare).toEqual(rare);
    expect(playText(START + delta({ type: "new_delta", words: "嶕" })).meter.rare).toEqual(rare);
    expect(playText(START + text("a") + text("的")).meter.rare).toEqual({
      o200k: 0,
      cl100k: 0,
      p50k: 0,
      letters: 0,
    });
  });

  test("counts a long text in other alphabets by its bytes", () => {
    expect(playText(START + text("é".repeat(500))).meter.contentBytes).toBe(1_000);
  });
});

describe("an error in a stream", () => {
  test.each([
    ["first", failedBy("overloaded_error"), "error"],
    ["after a ping", PING + failedBy("overloaded_error"), "error"],
    ["after content", START + text("a") + failedBy("overloaded_error"), "content"],
    [
      "without a name",
      `data: {"type":"error","error":{"type":"api_error","message":"Overloaded"}}\n\n`,
      "error",
    ],
    ["in OpenAI's shape", `data: {"error":{"message":"Overloaded"}}\n\n`, "error"],
    ["that is no JSON", "event: error\ndata: Overloaded\n\n", "error"],
    ["of a proxy", "data: <html>Overloaded</html>\n\n", "error"],
  ])("is the provider's: %s", (_, stream, said) => {
    const { relayed, meter } = playText(stream + STOP);
    expect(relayed).not.toContain("Overloaded");
    expect(meter.fault).toMatchObject({ kind: "provider_error" });
    expect(meter.done).toBe(false);
    expect(saidBy(meter)).toBe(said);
  });

  test.each([
    ["half an event", 'event: content_block_delta\ndata: {"type":"content_block_del\n\n'],
    ["a list", "data: [1]\n\n"],
    ["text between events", `${START}${text("a")}data: words\n\n`],
  ])("is a broken stream: %s", (_, stream) => {
    const { meter } = playText(stream);
    expect(meter.fault).toEqual({ kind: "broken" });
  });

  test("ends the client's stream as Anthropic does", () => {
    const error = { message: "broke off", type: "server_error", param: null, code: "upstream_error" };
    expect(messagesEvents.failed(error, play([]).meter).toString()).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"broke off"}}\n\n',
    );
  });
});

describe("other events", () => {
  test("keep a name that the maker may have added, and lose one that is no name", () => {
    const added = event("new_event.part", { a: 1 });
    expect(playText(added).relayed).toBe(added);
    const payload = 'data: {"type":"new_event","a":1}\n\n';
    for (const name of ["sk-live-0123", "New Event", "a".repeat(65), "\u00e9v\u00e9nement"])
      expect(playText(`event: ${name}\n${payload}`).relayed).toBe(payload);
  });

  test("that say nothing only show that the provider is alive", () => {
    expect(playText("data: null\n\n").relayed).toBe(":\n\n");
    expect(playText("data: {}\n\n").relayed).toBe(":\n\n");
  });

  test("of OpenAI's end no message", () => {
    const { relayed, meter } = playText(`${ANSWER}data: [DONE]\n\n`);
    expect(relayed).toBe(ANSWER);
    expect(meter.done).toBe(false);
  });

  test("without the last blank line count", () => {
    const { meter } = playText(ANSWER + STOP.trimEnd());
    pushEnd(meter);
    expect(meter.done).toBe(true);
    expect(Buffer.concat(meter.held).toString()).toBe(STOP);
  });
});
