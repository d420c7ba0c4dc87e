import { expect, test } from "vitest";
import { knownIn, nameOf } from "./testing/known";

/** Where the providers document their APIs. */
const PROVIDERS =
  /^https:\/\/(?:platform\.claude\.com|ai\.google\.dev|docs\.cloud\.google\.com|docs\.aws\.amazon\.com|developers\.openai\.com|learn\.microsoft\.com|docs\.x\.ai)\/\S+$/;

test("each known difference has a reason, and its provider's documentation", () => {
  const known = [...knownIn("Requests"), ...knownIn("Answers")];
  expect(known.length).toBeGreaterThan(100);
  const bare = known.filter(({ why, source }) => why.length < 20 || !PROVIDERS.test(source));
  expect(bare.map(nameOf)).toEqual([]);
});
