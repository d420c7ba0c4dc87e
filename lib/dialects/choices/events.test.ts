import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seenTokens } from "#lib/dialects/events/meter-usage";
import { pushBytes, streamMeter } from "#lib/dialects/events/stream-meter";
import { cutAt } from "#lib/dialects/testing/event-stream";
import { quickestMs } from "#lib/testing/promptness";
import { isEventStream, loadProviderAnswers } from "#lib/testing/upstream/provider-answers";
import { choiceEvents } from "./events";
import { chunk, content, DONE, FINISH, play, playText, USAGE } from "./testing/played-stream";

describe("the stream meter", () => {
  test("relays data byte for byte and holds back [DONE] until the row is settled", () => {
    const text = `${content("Hello")}${content(" wörld")}${FINISH}`;
    const { relayed, meter } = playText(text + DONE);
    expect(relayed).toBe(text);
    expect(meter).toMatchObject({ done: true, finished: true, fault: null, usage: null });
  });

  test("breaks at an event of 15 MB of empty objects, which would take seconds to parse", async () => {
    const costly = `data: {"choices":[${"{},".repeat(5_000_000)}{}],"usage":{"total_tokens":1}}\n\n`;
    expect(playText(content("a") + costly).meter.fault).toEqual({ kind: "broken" });
    expect(await quickestMs(() => playText(content("a") + costly))).toBeLessThan(1_500);
  });

  test("is not confused by protocol words inside the text", () => {
    const text = content('"usage":{"prompt_tokens":1} "error":{} data: [DONE] "finish_reason":"stop"\n\n\\');
    const { relayed, meter } = playText(text);
    expect(relayed).toBe(text);
    expect(meter).toMatchObject({ done: false, finished: false, fault: null, usage: null });
  });

  test("stops at a provider's error event and keeps it for the relay to scrub", () => {
    const { relayed, meter } = playText(`${content("a")}data: {"error":{"message":"no"}}\n\n${content("b")}`);
    expect(relayed).toBe(content("a"));
    expect(meter.fault).toEqual({ kind: "provider_error", detail: { error: { message: "no" } } });
  });

  test.each([1, 20_000])("reads the usage after %i errors", (errors) => {
    const { relayed, meter } = playText(`${'data: {"error":{"message":"no"}}\n\n'.repeat(errors)}${USAGE}`);
    expect(relayed).toBe("");
    expect(meter.fault?.kind).toBe("provider_error");
    expect(meter.usage).toMatchObject({ inputTokens: 7, outputTokens: 3 });
  });

  test.each([
    ["an error and the end", `data: {"error":{"message":"no"}}\n\n${DONE}`],
    ["the end, said twice", DONE + DONE],
    ["the end, said very often", DONE.repeat(20_000)],
  ])("reads the usage after %s, in one piece or several", (_, ends) => {
    for (const pieces of [[ends + USAGE], [ends, USAGE]]) {
      const { relayed, meter } = play(
        pieces.map((piece) => Buffer.from(piece)),
        false,
      );
      expect(relayed).toBe("");
      expect(meter.usage).toMatchObject({ inputTokens: 7, outputTokens: 3 });
    }
  });

  test.each(["[DONE]", '"[DONE]"', "[done]"])("ends at %s, and reads a usage after it", (end) => {
    const { relayed, meter } = playText(`${content("a")}data: ${end}\n\n${content("b")}${USAGE}`);
    expect(relayed).toBe(content("a"));
    expect(meter).toMatchObject({ done: true, contentEvents: 1, usage: { inputTokens: 7, outputTokens: 3 } });
  });

  test("takes a field named error for one, as llama.cpp writes it", () => {
    const error = { code: 500, message: "out of memory" };
    for (const before of ["", chunk({ delta: { role: "assistant" } }), content("a")]) {
      const { relayed, meter } = playText(`${before}error: ${JSON.stringify(error)}\n\n${content("b")}`);
      expect(relayed).toBe(before);
      expect(meter.fault).toEqual({ kind: "provider_error", detail: error });
    }
  });

  test("a finish reason for each of many answers costs little", async () => {
    const many = Array.from({ length: 50_000 }, (_, index) =>
      JSON.stringify({ choices: [{ index, delta: {}, finish_reason: "stop" }] }),
    );
    const text = many.map((payload) => `data: ${payload}\n\n`).join("");
    expect(playText(text).meter.finished).toBe(true);
    expect(await quickestMs(() => playText(text), 2)).toBeLessThan(2_000);
  });

  test.each(["error", "network_error", "insufficient_system_resource", "abort"])(
    "stops at an answer that ends in %s",
    (finish_reason) => {
      const { relayed, meter } = playText(content("a") + chunk({ delta: {}, finish_reason }) + DONE);
      expect(relayed).toBe(content("a"));
      expect(meter).toMatchObject({ done: false, finished: false, fault: { kind: "provider_error" } });
    },
  );

  test("ignores an error of null", () => {
    const text = 'data: {"error":null,"choices":[]}\n\n';
    expect(playText(text)).toMatchObject({ relayed: text, meter: { fault: null } });
  });

  test.each([
    'data: {"choices": [{"del\n\n',
    "data: <html>\n\n",
    "data: {]\n\ndata:{]\ndata: x\n\n",
    ...["5", "-1.5e3", "true", '"text"', "[]", "[1]", '["a"]'].map((payload) => `data: ${payload}\n\n`),
  ])("stops at an event that is no JSON object: %j", (broken) => {
    const { relayed, meter } = playText(content("a") + broken + content("b"));
    expect(relayed).toBe(content("a"));
    expect(meter.fault).toEqual({ kind: "broken" });
  });

  test("reads all that the standard allows: a byte-order mark, other fields, several data lines, CR LF and CR", () => {
    const odd = `\uFEFFdata: {"choices":[]}\n\nevent: x\r\nid: 1\r\n${content("a").trim()}\r\n\r\n${content("b").trim()}\rid: 2\r\rdata: {"choices":\ndata: []}\n\n`;
    const { relayed, meter } = playText(odd + DONE);
    expect(relayed).toBe(
      `data: {"choices":[]}\n\n${content("a")}${content("b")}data: {"choices":\ndata: []}\n\n`,
    );
    expect(meter).toMatchObject({ done: true, fault: null, contentEvents: 2 });
  });

  test("relays nothing of comments, names, ids and other fields but that they came", () => {
    const text = `: key\n\nevent: key\nid: key\n${content("a")}retry: key\nkey\nkey: key\n\n\n\n: key\n\n`;
    expect(playText(text).relayed).toBe(`:\n\n${content("a")}:\n\n`);
  });

  test.each(["null", "{}", '{"type":"ping","key":"x"}'])(
    "relays no event that is no chunk: %s",
    (payload) => {
      const { relayed, meter } = playText(`data: ${payload}\n\n${content("a")}data: ${payload}\n\n`);
      expect(relayed).toBe(`:\n\n${content("a")}:\n\n`);
      expect(meter.fault).toBeNull();
    },
  );

  test("takes a text for an error before the first content", () => {
    expect(playText('data: "Overloaded"\n\n').meter.fault).toEqual({
      kind: "provider_error",
      detail: { message: "Overloaded" },
    });
  });

  test("knows what more its rare characters are, however it is read", () => {
    const parsed = chunk({ delta: { content: "嶕" }, finish_reason: "length" });
    const escaped = content("嶕").replace("嶕", "\\u5d95");
    const text = chunk({ delta: { new_field: { text: "嶕" } } });
    for (const events of [content("嶕"), escaped, parsed, text])
      expect(playText(events).meter.rare).toEqual({ o200k: 8, cl100k: 8, p50k: 8, letters: 0 });
  });

  test("estimates one token per event, or four bytes per token for long events", () => {
    expect(seenTokens(playText(content("a") + content("b")).meter)).toBe(2);
    expect(seenTokens(playText(content("x".repeat(400))).meter)).toBe(100);
    const tool = chunk({
      delta: { tool_calls: [{ index: 0, function: { arguments: `{"a":"${"y".repeat(79)}` } }] },
    });
    expect(seenTokens(playText(tool).meter)).toBeGreaterThan(20);
    expect(seenTokens(playText(FINISH).meter)).toBe(0);
  });

  test("stops at an event that never ends", () => {
    const meter = streamMeter(choiceEvents, { passUsage: false, answers: 1 });
    const piece = Buffer.alloc(1024 * 1024, "x");
    pushBytes(meter, Buffer.from("data:"));
    for (let i = 0; i < 17; i++) pushBytes(meter, piece);
    expect(meter.fault).toEqual({ kind: "broken" });
  });
});

test("a line that is no data may go on without an end", () => {
  const meter = streamMeter(choiceEvents, { passUsage: false, answers: 1 });
  const piece = Buffer.alloc(1024 * 1024, "x");
  for (let i = 0; i < 17; i++) expect(pushBytes(meter, piece)).toEqual([]);
  expect(meter.lines.rest.length).toBe(0);
  expect(String(Buffer.concat(pushBytes(meter, Buffer.from(`\n${content("a")}`))))).toBe(content("a"));
});

describe("any split of a stream's bytes", () => {
  const eventText = fc.oneof(
    fc.string({ unit: "grapheme" }).map(content),
    fc.constantFrom(
      USAGE,
      FINISH,
      ": ping\n\n",
      "event: x\r\ndata: {}\r\n\r\n",
      "data: {}\r\r",
      "data: {\ndata: }\n\n",
    ),
  );
  const ending = fc.constantFrom(
    DONE,
    "",
    "data: {broken\n\n",
    'data: {"error":{"message":"no"}}\n\n',
    'data: {"half',
  );
  const stream = fc
    .tuple(fc.array(eventText, { maxLength: 8 }), ending)
    .map(([events, end]) => events.join("") + end);

  const outcome = ({ relayed, meter }: ReturnType<typeof play>) => ({
    // Several heartbeats that come at once are one.
    relayed: relayed.replaceAll(/^:\n\n/gm, ""),
    ...meter,
    lines: null,
    afterEnd: null,
  });

  test("relays and meters the same", () => {
    fc.assert(
      fc.property(
        stream,
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.boolean(),
        (text, positions, passUsage) => {
          const bytes = Buffer.from(text);
          expect(outcome(play(cutAt(bytes, positions), passUsage))).toEqual(
            outcome(play([bytes], passUsage)),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each(loadProviderAnswers().filter(isEventStream))(
    "relays and meters $name the same when it arrives byte by byte",
    ({ response }) => {
      const bytes = Buffer.from(response.body);
      const whole = play([bytes]);
      expect(whole.meter.fault).toBeNull();
      const single = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
      expect(outcome(play(single))).toEqual(outcome(whole));
    },
  );
});
