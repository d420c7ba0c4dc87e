import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CAPTURES, capturedBodies } from "#lib/dialects/testing/captured-bodies";
import { parseMessages } from "./parse";

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

describe.runIf(existsSync(CAPTURES))("a request of Claude Code or opencode", () => {
  test.each(FILES)("is accepted and held for, also under a hard budget: %s", (name) => {
    const bodies = capturedBodies(name);
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

  test("is rejected if a search is its only tool, unless the model may search", () => {
    const [body] = capturedBodies("claude-code-web-search");
    expect(() => parseMessages(JSON.stringify(body))).toThrow(
      expect.objectContaining({ code: "unsupported_parameter", param: "tools[0].type" }),
    );
    const searching = parseMessages(JSON.stringify(body), () => true);
    expect(searching).toMatchObject({ json: JSON.stringify(body), asks: { webSearches: 8 }, dropped: [] });
  });
});
