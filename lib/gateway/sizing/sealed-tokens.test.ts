import { randomBytes } from "node:crypto";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { messages } from "#lib/dialects/messages/dialect";
import { responses } from "#lib/dialects/responses/dialect";
import { testModel } from "#lib/gateway/testing/test-model";
import { chargedInputTokens, isMostlySealed } from "./charged-input";
import { unboundedInputEstimate } from "./estimate";
import { countedInputBound } from "./spending-bound";

/** What the model was made to think: each byte is a token. */
const DIGITS = Array.from({ length: 9_000 }, (_, at) => (at * 7_919) % 10).join(" ");
const sealed = (bytes: number) => randomBytes(bytes).toString("base64url");
const SEALED = sealed(DIGITS.length);

const asResponse = (encrypted_content: string, text: string) =>
  responses.parse(
    JSON.stringify({
      model: "m",
      input: [
        { type: "reasoning", summary: [], encrypted_content },
        { role: "user", content: text },
      ],
    }),
  );
const asMessage = (data: string, text: string) =>
  messages.parse(
    JSON.stringify({
      model: "m",
      max_tokens: 9,
      messages: [
        { role: "user", content: text },
        { role: "assistant", content: [{ type: "redacted_thinking", data }] },
        { role: "user", content: "Go on." },
      ],
    }),
  );

describe.each([
  ["a response", responses, asResponse],
  ["a message", messages, asMessage],
] as const)("encrypted reasoning in %s", (_, dialect, parsed) => {
  const { routes, ...model } = testModel(null, "gpt-5.6-sol");
  const [route] = routes;
  if (route === undefined) throw new Error("no route");

  test("is charged and held at the most that it may be", async () => {
    const call = parsed(SEALED, "Again.");
    const billed = countTokens(DIGITS);
    expect(billed).toBeGreaterThan(2 * unboundedInputEstimate(call, { routes }));
    const charged = await chargedInputTokens(dialect, call, route);
    expect(charged).toBeGreaterThanOrEqual(billed);
    expect(charged).toBeLessThan(1.05 * billed);
    expect(await countedInputBound(dialect, call, { ...model, routes }, 1e9)).toBeGreaterThanOrEqual(billed);
  });

  test("leaves the input to the report where it is most of it", () => {
    expect(isMostlySealed(parsed(SEALED, "Again."), routes)).toBe(true);
    expect(isMostlySealed(parsed(sealed(2_000), "Again."), routes)).toBe(false);
    expect(isMostlySealed(parsed(SEALED, "The tide had turned. ".repeat(5_000)), routes)).toBe(false);
  });
});
