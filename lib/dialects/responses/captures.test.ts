import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CAPTURES, capturedBodies } from "#lib/dialects/testing/captured-bodies";
import { parseResponses } from "./parse";

const FILES = [
  "codex-tool-turn",
  "codex-responses-lite",
  "codex-remote-compaction",
  "codex-unknown-model",
  "opencode-responses",
];

describe.runIf(existsSync(CAPTURES))("a request of Codex or opencode", () => {
  test.each(FILES)("is accepted, and its offer of a search is left out: %s", (name) => {
    const bodies = capturedBodies(name);
    expect(bodies.length).toBeGreaterThan(0);
    for (const body of bodies) {
      const call = parseResponses(JSON.stringify(body));
      const offers = JSON.stringify(body).includes('{"type":"web_search"');
      expect(call.dropped).toHaveLength(offers ? 1 : 0);
      expect(call.json).not.toContain('{"type":"web_search"');
      const searching = parseResponses(JSON.stringify(body), () => true);
      expect(searching).toMatchObject({ json: JSON.stringify(body), dropped: [] });
      expect(searching.asks.webSearches).toBe(offers ? 5 : 0);
      expect(searching.searches?.without?.().json).toBe(offers ? call.json : undefined);
      expect(call.messageCount).toBeGreaterThan(0);
      // A summary has no known size.
      const isCompacted = call.json.includes("compaction_trigger");
      expect(call.media.unboundedParam !== null).toBe(isCompacted);
      expect(call.media.unfoldedParam).toBeNull();
    }
  });
});
