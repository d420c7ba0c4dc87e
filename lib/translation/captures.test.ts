import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CAPTURES, capturedBodies } from "#lib/dialects/testing/captured-bodies";
import { isObject } from "#lib/dialects/text/json-fields";
import { SIGNATURE } from "./testing/messages/strict";
import { outcomeOf, plansOf } from "./testing/plans";
import { ENCRYPTED } from "./testing/responses/strict";

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
  ["responses", "codex-remote-compaction"],
] as const;

const RECORDED = "/work/shared/recorded/openai";
/** Bodies that OpenAI itself answered. */
const ANSWERED = ["chat-basic", "chat-image-to-text", "chat-streaming", "chat-tools"];

type Captured = { dialect: string; name: string; body: object };

const captured: Captured[] = FILES.flatMap(([dialect, name]) =>
  existsSync(`${CAPTURES}/${name}.json`)
    ? capturedBodies(name).map((body, at) => ({ dialect, name: `${name} ${at}`, body: withData(body) }))
    : [],
);
const recorded: Captured[] = existsSync(RECORDED)
  ? ANSWERED.map((name) => ({ dialect: "chat", name, body: recordedBody(name) }))
  : [];
const bodies = [...captured, ...recorded];

/** Captures have lengths in place of data, and tokens that no fake has issued. */
function withData(value: object): object {
  const text = JSON.stringify(value)
    .replace(/"<\d+ characters>"/g, '"iVBORw0KGgo="')
    .replace(/("signature":")[^"]+/g, `$1${SIGNATURE}`)
    .replace(/("encrypted_content":")[^"]+/g, `$1${ENCRYPTED}`)
    .replaceAll("…", "");
  return objectIn(text);
}

function recordedBody(name: string): object {
  const { request } = objectIn(readFileSync(`${RECORDED}/${name}.json`, "utf8"));
  return isObject(request) && isObject(request.body) ? request.body : {};
}

function objectIn(json: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(json);
  return isObject(value) ? value : {};
}

/** What a provider cannot do, by the capture and the model. */
function refusedOf(name: string, model: string): readonly string[] {
  // Only OpenAI can compact a conversation by its trigger.
  if (name.startsWith("codex-remote-compaction")) return ["input[7]"];
  // Llama on Bedrock is not bound to schemas, and cannot be made to use a tool.
  return name.startsWith("claude-code-title") && model.includes("llama4") ? ["output_config.format"] : [];
}

describe.runIf(bodies.length > 0)("a request of a real client", () => {
  test.each(bodies)("is one that every provider takes: $name", ({ dialect, name, body }) => {
    for (const plan of plansOf(dialect)) {
      const { fault, refused, misnamed } = outcomeOf(body, plan);
      expect({ plan, fault, refused, misnamed }).toEqual({
        plan,
        fault: null,
        refused: refusedOf(name, plan.model),
        misnamed: [],
      });
    }
  });

  test.runIf(captured.length > 0)("is one of the captures of each dialect", () => {
    expect(new Set(readdirSync(CAPTURES).filter(isServed).map(nameOf))).toEqual(
      new Set(FILES.map(([, name]) => name)),
    );
  });
});

const nameOf = (file: string): string => file.replace(/\.json$/, "");

/** Captures of what is no request for an answer in a dialect that is served and translated. */
const NOT_TRANSLATED = /README|gemini|count-tokens|web-search|websocket|self-healing/;
const isServed = (file: string): boolean => !NOT_TRANSLATED.test(file);
