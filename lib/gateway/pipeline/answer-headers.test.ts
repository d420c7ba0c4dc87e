import { expect, test } from "vitest";
import { compileRates } from "#lib/credit/prices/price";
import { parseChat } from "#lib/dialects/chat/parse";
import { passToAnthropic } from "#lib/providers/passed-headers";
import { answerHeaders } from "./answer-headers";

const WIRE = {
  dialect: "messages",
  path: () => "messages",
  outputLimitField: "max_tokens",
  streamUsage: true,
  passHeaders: passToAnthropic,
};

const CALL = parseChat('{"model": "m", "messages": [{"role": "user", "content": "Hi"}]}');

const headersWith = (dropped: readonly string[], betas: string) =>
  answerHeaders(
    {
      hold: { id: "req-1" },
      model: { name: "m" },
      outputLimit: null,
      call: { ...CALL, dropped },
      clientHeaders: new Map([["anthropic-beta", betas]]),
    },
    {
      dialect: "messages",
      target: { providerId: "p", providerName: "simulated" },
      wire: WIRE,
      translation: null,
      rates: compileRates({ inputPerMtok: "1", outputPerMtok: "2" }),
    },
    "application/json",
    {},
  );

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
