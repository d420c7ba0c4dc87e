import { expect, test } from "vitest";
import { callOf, translationOf } from "#lib/translation/testing/translate";
import { outputToHoldFor } from "./sent-bound";

const ASKED = 128_000;
const MOST = 8_192;
const messages = [{ role: "user", content: "Hello!" }];
const call = callOf("messages", { model: "m", max_tokens: ASKED, messages });

const bounded = { translation: translationOf("messages", "chat", "m") };
const another = { translation: translationOf("messages", "gemini", "gemini-3-flash-preview") };
const unbounded = { translation: translationOf("messages", "chat", "m", null) };
const passedThrough = { translation: null };

test.each([
  ["a route that sends the model's own", [bounded], MOST, MOST],
  ["several that do", [bounded, another], MOST, MOST],
  ["one that sends no bound", [bounded, unbounded], MOST, ASKED],
  ["one that passes the body through", [bounded, passedThrough], MOST, ASKED],
  ["a model of which the most is not known", [bounded], null, ASKED],
  ["a model that can make more", [bounded], 2 * ASKED, ASKED],
])("the bound that is held for %s", (_, routes, maxOutputTokens, held) => {
  expect(outputToHoldFor({ call, model: { maxOutputTokens }, routes })).toBe(held);
});
