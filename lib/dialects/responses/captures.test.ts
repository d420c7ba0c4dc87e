import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isObject } from "#lib/dialects/text/json-fields";
import { parseResponses } from "./parse";

// What unmodified clients sent, where it is at hand: the project holds no copy of it (parse.test.ts has its forms).
const CAPTURES = "/work/shared/captures";
const FILES = [
  "codex-tool-turn",
  "codex-responses-lite",
  "codex-remote-compaction",
  "codex-unknown-model",
  "opencode-responses",
];

function bodiesOf(name: string): object[] {
  const capture: unknown = JSON.parse(readFileSync(`${CAPTURES}/${name}.json`, "utf8"));
  const requests: unknown[] = isObject(capture) && Array.isArray(capture.requests) ? capture.requests : [];
  return requests.flatMap((request) => (isObject(request) && isObject(request.body) ? [request.body] : []));
}

describe.runIf(existsSync(CAPTURES))("a request of Codex or opencode", () => {
  test.each(FILES)("is accepted, and its offer of a search is left out: %s", (name) => {
    const bodies = bodiesOf(name);
    expect(bodies.length).toBeGreaterThan(0);
    for (const body of bodies) {
      const call = parseResponses(JSON.stringify(body));
      const offers = JSON.stringify(body).includes('{"type":"web_search"');
      expect(call.dropped).toHaveLength(offers ? 1 : 0);
      expect(call.json).not.toContain('{"type":"web_search"');
      expect(call.messageCount).toBeGreaterThan(0);
      // A summary has no known size.
      const isCompacted = call.json.includes("compaction_trigger");
      expect(call.media.unboundedParam !== null).toBe(isCompacted);
      expect(call.media.unfoldedParam).toBeNull();
    }
  });
});
