import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CAPTURES, capturedBodies } from "#lib/dialects/testing/captured-bodies";
import { isObject } from "#lib/dialects/text/json-fields";
import { geminiFault } from "./testing/gemini/strict";
import { messagesFault } from "./testing/messages/strict";
import { sentBy } from "./testing/translate";

/** What unmodified clients sent, by their dialect. */
const FILES = [
  ["messages", "claude-code-auto-mode-safeguards"],
  ["messages", "claude-code-compact"],
  ["messages", "claude-code-first-request"],
  ["messages", "claude-code-image-and-pdf-tool-results"],
  ["messages", "claude-code-startup-and-tool-turn"],
  ["messages", "claude-code-title-json-schema"],
  ["messages", "claude-code-unknown-model"],
  ["messages", "opencode-messages"],
  ["chat", "opencode-chat-completions"],
  ["responses", "opencode-responses"],
  ["responses", "codex-tool-turn"],
  ["responses", "codex-responses-lite"],
  ["responses", "codex-unknown-model"],
] as const;

const bodies = FILES.flatMap(([dialect, name]) =>
  existsSync(`${CAPTURES}/${name}.json`)
    ? capturedBodies(name).map((body, at) => ({ dialect, name: `${name} ${at}`, body: withData(body) }))
    : [],
);

/** Captures have lengths in place of data. */
function withData(value: object): object {
  const text = JSON.stringify(value)
    .replace(/"<\d+ characters>"/g, '"iVBORw0KGgo="')
    .replaceAll("…", "");
  const body: unknown = JSON.parse(text);
  return isObject(body) ? body : {};
}

describe.runIf(bodies.length > 0)("a request of a real client", () => {
  test.each(bodies)("is one that Gemini takes: $name", ({ dialect, body }) => {
    const { sent, refused } = sentBy(dialect, "gemini", "gemini-3.8-flash", body);
    expect(refused).toEqual([]);
    expect(geminiFault("gemini-3.8-flash", sent)).toBeNull();
  });

  test.each(bodies.filter(({ dialect }) => dialect !== "messages"))(
    "is one that Claude takes: $name",
    ({ dialect, body }) => {
      const { sent, refused } = sentBy(dialect, "messages", "claude-sonnet-5-5", body);
      expect(refused).toEqual([]);
      expect(messagesFault(sent)).toBeNull();
    },
  );
});
