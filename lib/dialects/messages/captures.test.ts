import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isObject } from "#lib/dialects/text/json-fields";
import { parseMessages } from "./parse";

// What unmodified clients sent, where it is at hand: the project holds no copy of it (parse.test.ts has its forms).
const CAPTURES = "/work/shared/captures";
const FILES = [
  "claude-code-auto-mode-safeguards",
  "claude-code-compact",
  "claude-code-first-request",
  "claude-code-image-and-pdf-tool-results",
  "claude-code-startup-and-tool-turn",
  "claude-code-title-json-schema",
  "claude-code-unknown-model",
  "opencode-messages",
];

function bodiesOf(name: string): object[] {
  const capture: unknown = JSON.parse(readFileSync(`${CAPTURES}/${name}.json`, "utf8"));
  const requests: unknown[] = isObject(capture) && Array.isArray(capture.requests) ? capture.requests : [];
  return requests.flatMap((request) => {
    if (!isObject(request) || !isObject(request.body)) return [];
    // What the capture has left out of it is no part of it.
    const { toolsLeftOut: _, ...body } = request.body;
    return [body];
  });
}

describe.runIf(existsSync(CAPTURES))("a request of Claude Code or opencode", () => {
  test.each(FILES)("is accepted and held for, also under a hard budget: %s", (name) => {
    const bodies = bodiesOf(name);
    expect(bodies.length).toBeGreaterThan(0);
    for (const body of bodies) {
      const call = parseMessages(JSON.stringify(body));
      expect(call.json).toBe(JSON.stringify(body));
      expect(call.unknownFields).toEqual([]);
      expect(call.reasoning.budgetTokens).toBe(0);
      expect(call.dropped).toEqual([]);
      expect(call.media.unfoldedParam).toBeNull();
      // The capture has the length of a document instead of its data.
      const hasNoData = name.includes("pdf");
      expect(call.media.unboundedParam !== null).toBe(hasNoData);
    }
  });

  test("is rejected if a search is its only tool", () => {
    const [body] = bodiesOf("claude-code-web-search");
    expect(() => parseMessages(JSON.stringify(body))).toThrow(
      expect.objectContaining({ code: "unsupported_parameter", param: "tools[0].type" }),
    );
  });
});
