import { expect, test } from "vitest";
import { compileRates } from "#lib/credit/prices/price";
import { parseChat } from "#lib/dialects/chat/parse";
import { messages } from "#lib/dialects/messages/dialect";
import { passToAnthropic } from "#lib/providers/passed-headers";
import { callOf, translationOf } from "#lib/translation/testing/translate";
import { answerHeaders } from "./answer-headers";

const WIRE = {
  dialect: "messages",
  path: () => "messages",
  outputLimitField: "max_tokens",
  streamUsage: true,
  passHeaders: passToAnthropic,
};

const ROUTE = {
  dialect: "messages",
  target: { providerId: "p", credentialId: "", providerName: "simulated" },
  wire: WIRE,
  translation: null,
  rates: compileRates({ inputPerMtok: "1", outputPerMtok: "2" }),
};

const CALL = parseChat('{"model": "m", "messages": [{"role": "user", "content": "Hi"}]}');

const headersWith = (dropped: readonly string[], betas: string) =>
  answerHeaders(
    {
      hold: { id: "req-1" },
      dialect: {},
      model: { name: "m", maxOutputTokens: null },
      outputLimit: null,
      call: { ...CALL, dropped },
      clientHeaders: new Map([["anthropic-beta", betas]]),
    },
    ROUTE,
    "application/json",
    {},
  );

/** The header of an answer by a translation, for a bound of the client's, of the model's and of the hold's. */
function boundHeader(
  wire: string,
  asked: number | null,
  most: number | null,
  held: number | null,
): string | undefined {
  const translation = translationOf("chat", wire, "m");
  const fields = asked === null ? {} : { max_completion_tokens: asked };
  const call = callOf("chat", { model: "m", messages: [{ role: "user", content: "Hi" }], ...fields });
  const headers = answerHeaders(
    {
      hold: { id: "req-1" },
      dialect: {},
      model: { name: "m", maxOutputTokens: most },
      outputLimit: held === null ? null : { tokens: held, lowered: held < (asked ?? most ?? Infinity) },
      call,
      clientHeaders: new Map(),
    },
    {
      dialect: "chat",
      target: { providerId: "p", credentialId: "", providerName: "google" },
      wire: { ...WIRE, dialect: wire },
      translation,
      rates: compileRates({ inputPerMtok: "1", outputPerMtok: "2" }),
    },
    "application/json",
    {},
  );
  return headers["x-tollgate-max-tokens"];
}

test("an answer says which lower bound was sent for a translated request", () => {
  // The model's own maximum, whether anything was held or not.
  expect(boundHeader("gemini", 128_000, 8_192, null)).toBe("8192");
  expect(boundHeader("gemini", 128_000, 8_192, 128_000)).toBe("8192");
  expect(boundHeader("gemini", 128_000, 8_192, 100_000)).toBe("8192");
  // What is held.
  expect(boundHeader("gemini", 128_000, 8_192, 500)).toBe("500");
  expect(boundHeader("gemini", null, 8_192, 500)).toBe("500");
  // A wire that requires a bound, to a model of which it is not known.
  expect(boundHeader("messages", null, null, null)).toBe("8192");
});

test("an answer says nothing of the client's own bound", () => {
  expect(boundHeader("gemini", 500, 8_192, null)).toBeUndefined();
  expect(boundHeader("gemini", 500, 8_192, 500)).toBeUndefined();
  expect(boundHeader("gemini", null, 8_192, 8_192)).toBeUndefined();
  expect(boundHeader("gemini", null, null, null)).toBeUndefined();
  expect(boundHeader("messages", null, 8_192, null)).toBeUndefined();
});

test("an answer names what was offered and left out, and has no such header otherwise", () => {
  expect(headersWith(["tools[1]", "tools[3]"], "")["x-tollgate-dropped"]).toBe("tools[1],tools[3]");
  expect(headersWith(["tools[1]"], "fast-mode-2026-02-01")["x-tollgate-dropped"]).toBe(
    "tools[1],anthropic-beta:fast-mode-2026-02-01",
  );
  expect(headersWith([], "effort-2025-11-24")).not.toHaveProperty("x-tollgate-dropped");
});

test("an answer names the first of very many, and how many follow", () => {
  const dropped = Array.from({ length: 40_000 }, (_, at) => `tools[${at}]`);
  const named = headersWith(dropped, "")["x-tollgate-dropped"]?.split(",");
  expect(named).toEqual([...dropped.slice(0, 100), "and 39900 more"]);
});

test("name thinking that the lowered bound has no room for", () => {
  const named = (tokens: number, fields: object = {}) => {
    const body = { model: "m", max_tokens: 8_000, messages: [{ role: "user", content: "Hi" }], ...fields };
    const call = messages.parse(
      JSON.stringify({ thinking: { type: "enabled", budget_tokens: 4_000 }, ...body }),
    );
    return answerHeaders(
      {
        hold: { id: "req-1" },
        dialect: messages,
        model: { name: "m", maxOutputTokens: null },
        outputLimit: { tokens, lowered: tokens < 8_000 },
        call,
        clientHeaders: new Map(),
      },
      ROUTE,
      "application/json",
      {},
    )["x-tollgate-dropped"];
  };
  expect(named(1_024)).toBe("thinking");
  const edits = [{ type: "clear_thinking_20251015" }];
  expect(named(500, { context_management: { edits } })).toBe("thinking,context_management");
  expect(named(2_000)).toBeUndefined();
  expect(named(8_000)).toBeUndefined();
});
