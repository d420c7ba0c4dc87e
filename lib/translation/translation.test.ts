import { expect, test } from "vitest";
import { callOf, translationOf } from "./testing/translate";

const SENT = {
  outputLimitTokens: null,
  requestId: "r",
  mostTokens: null,
  defaultMaxTokens: 8_192,
  reasoningLimitTokens: null,
};
const ask = { model: "m", messages: [{ role: "user", content: "Hello!" }] };

const boundIn = (body: string): unknown => JSON.parse(body).generationConfig.maxOutputTokens;

/** The body after the plans of routes were made, as the gateway does. */
function begun(fields: object, sent: object): string {
  const lane = translationOf("chat", "gemini", "gemini-3-flash");
  const call = callOf("chat", { ...ask, ...fields });
  lane.plan(call);
  return lane.begin(call, { ...SENT, ...sent }).body;
}

test("sends what was planned where the bound is the client's own", () => {
  const lane = translationOf("chat", "gemini", "gemini-3-flash");
  const unplanned = lane.begin(callOf("chat", { ...ask, max_tokens: 200 }), SENT);
  expect(begun({ max_tokens: 200 }, {})).toBe(unplanned.body);
});

test("sends the bound that is held, or the most that the model makes, in place of the planned one", () => {
  expect(boundIn(begun({ max_tokens: 200 }, { outputLimitTokens: 100 }))).toBe(100);
  expect(boundIn(begun({ max_tokens: 200 }, { mostTokens: 50 }))).toBe(50);
  expect(boundIn(begun({}, { outputLimitTokens: 100 }))).toBe(100);
});

test("sends the same to another target after the first", () => {
  const lane = translationOf("chat", "gemini", "gemini-3-flash");
  const call = callOf("chat", { ...ask, max_tokens: 200 });
  lane.plan(call);
  expect(lane.begin(call, SENT).body).toBe(lane.begin(call, SENT).body);
});
