import { describe, expect, test } from "vitest";
import { isUsageFinal, reportedUsage } from "#lib/dialects/events/meter-usage";
import { pushBytes } from "#lib/dialects/events/stream-meter";
import { png } from "#lib/dialects/media/testing/media-files";
import { chunk, content, DONE, playText, USAGE } from "./testing/played-stream";

describe("the usage of a stream", () => {
  test("drops the usage chunk unless the client asked for it", () => {
    expect(playText(content("a") + USAGE + DONE).relayed).toBe(content("a"));
    expect(playText(content("a") + USAGE + DONE, true).relayed).toBe(content("a") + USAGE);
    expect(playText(USAGE).meter.usage).toMatchObject({ inputTokens: 7, outputTokens: 3 });
  });

  test("relays a content chunk that carries the usage too, and takes the last usage of several", () => {
    const both = (tokens: number) =>
      `data: ${JSON.stringify({ choices: [{ delta: { content: "x" } }], usage: { prompt_tokens: 7, completion_tokens: tokens } })}\n\n`;
    const { relayed, meter } = playText(both(1) + both(2));
    expect(relayed).toBe(both(1) + both(2));
    expect(meter.usage).toMatchObject({ outputTokens: 2 });
  });

  test("keeps the largest of several usages, and knows whether the last came after all content", () => {
    const usage = (fields: object) => `data: ${JSON.stringify({ choices: [], usage: fields })}\n\n`;
    const early = usage({ prompt_tokens: 20, completion_tokens: 1 });
    const late = usage({ prompt_tokens: 0, completion_tokens: 198, total_tokens: 198 });
    const { meter } = playText(early + content("a"));
    expect(meter.usage).toMatchObject({ inputTokens: 20, outputTokens: 1 });
    expect(isUsageFinal(meter)).toBe(false);
    pushBytes(meter, Buffer.from(late));
    expect(meter.usage).toMatchObject({ inputTokens: 20, outputTokens: 198 });
    expect(isUsageFinal(meter)).toBe(true);
    expect(isUsageFinal(playText(content("a")).meter)).toBe(false);
  });

  const withUsage = (text: string, completion_tokens: number) =>
    `data: ${JSON.stringify({ choices: [{ delta: { content: text } }], usage: { prompt_tokens: 7, completion_tokens } })}\n\n`;
  const reported = (texts: readonly string[]) => reportedUsage(playText(texts.join("")).meter);

  test("adds up outputs that are reported chunk by chunk", () => {
    const word = withUsage(" word", 1);
    expect(reported(Array(100).fill(word))).toMatchObject({ inputTokens: 7, outputTokens: 100 });
    const varied = Array.from({ length: 99 }, (_, at) => withUsage(" one two", 1 + (at % 3)));
    expect(reported(varied)).toMatchObject({ inputTokens: 7, outputTokens: 198 });
  });

  test.each<[string, string[], number]>([
    ["that count from the start", Array.from({ length: 100 }, (_, at) => withUsage(" word", at + 1)), 100],
    ["before one at the end", [...Array(100).fill(withUsage(" word", 1)), withUsage("", 603)], 603],
    ["of zero", Array(100).fill(withUsage(" word", 0)), 0],
    [
      "of few tokens for much white space",
      Array.from({ length: 9 }, (_, at) => withUsage(" ".repeat(400), at + 1)),
      9,
    ],
    ["twice", [withUsage(" word".repeat(100), 1), withUsage(" word", 1)], 1],
  ])("does not add up outputs %s", (_, texts, outputTokens) => {
    expect(reported(texts)).toMatchObject({ outputTokens });
  });

  test("a usage from before a picture is not final", () => {
    const image = { image_url: { url: `data:image/png;base64,${png(1024, 1024, 1_000)}` } };
    const picture = chunk({ delta: { images: [{ type: "image_url", ...image }] } });
    expect(isUsageFinal(playText(USAGE + picture).meter)).toBe(false);
    expect(isUsageFinal(playText(picture + USAGE).meter)).toBe(true);
  });

  test.each([
    [
      "Moonshot, in the choice",
      {
        choices: [
          { index: 0, delta: {}, finish_reason: "stop", usage: { prompt_tokens: 7, completion_tokens: 3 } },
        ],
      },
    ],
    [
      "Groq, in a field of its own",
      { choices: [], x_groq: { usage: { prompt_tokens: 7, completion_tokens: 3 } } },
    ],
  ])("reads the usage where the provider puts it: %s", (_, fields) => {
    const { meter } = playText(`${content("a")}data: ${JSON.stringify(fields)}\n\n`);
    expect(meter.usage).toMatchObject({ inputTokens: 7, outputTokens: 3 });
  });
});
