import { expect, test } from "vitest";
import { seenTokens } from "#lib/dialects/events/meter-usage";
import { playStream } from "#lib/dialects/testing/play-stream";
import { said } from "./testing/gemini/answers";
import { answerOf, callOf, eventsOf, SENT, translationOf } from "./testing/translate";

const RUNES = "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠ";
const messages = [{ role: "user", content: "Write runes" }];

test.each([
  ["chat", { model: "m", messages }],
  ["messages", { model: "m", max_tokens: 9, messages }],
  ["responses", { model: "m", input: "Write runes" }],
])("a text that Gemini streams is metered by what its characters are: %s", async (dialect, request) => {
  const call = callOf(dialect, { ...request, stream: true });
  const lane = translationOf(dialect, "gemini", "gemini-3-flash").begin(call, SENT);
  const texts = Array.from({ length: 20 }, () => said({ text: RUNES }));
  const { answer, dialect: reading } = lane.answer(answerOf([eventsOf(texts)]));
  const { meter } = playStream(reading.events, [await answer.body.whole(1_000_000)]);
  const bytes = Buffer.byteLength(RUNES) * texts.length;
  expect(seenTokens(meter)).toBeGreaterThan(0.8 * bytes);
  expect(seenTokens(meter)).toBeLessThan(1.2 * bytes);
});
