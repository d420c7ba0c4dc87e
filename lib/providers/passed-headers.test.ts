import { describe, expect, test } from "vitest";
import { longContextTokens, passToAnthropic, passToOpenAi } from "./passed-headers";

const sent = (betas: string, hasTiers = false) =>
  passToAnthropic(new Map([["anthropic-beta", betas]]), { hasTiers });
const VERSION = ["anthropic-version", "2023-06-01"];

describe("Anthropic gets", () => {
  test("a version always: the client's, or the first", () => {
    expect(passToAnthropic(new Map(), { hasTiers: false })).toEqual({ headers: VERSION, dropped: [] });
    expect(
      passToAnthropic(new Map([["anthropic-version", "2026-07-01"]]), { hasTiers: false }).headers,
    ).toEqual(["anthropic-version", "2026-07-01"]);
  });

  test("the betas that Claude Code sends, each once", () => {
    const betas = [
      "claude-code-20250219",
      "interleaved-thinking-2025-05-14",
      "context-management-2025-06-27",
      "advanced-tool-use-2025-11-20",
      "dangerous-tool-use-2026-09-03",
      "structured-outputs-2025-12-15",
    ];
    expect(sent(`${betas.join(" , ")},,${betas[0]}`)).toEqual({
      headers: [...VERSION, "anthropic-beta", betas.join(",")],
      dropped: [],
    });
  });

  test.each([
    "files-api-2025-04-14",
    "fast-mode-2026-02-01",
    "fallback-credit-2026-06-01",
    "server-side-fallback-2026-07-01",
    "skills-2025-10-02",
    "code-execution-2025-08-25",
    "mcp-client-2025-11-20",
    "compact-2026-01-12",
    "advisor-tool-2026-03-01",
    "message-batches-2024-09-24",
    "user-profiles-billing-2026-10-01",
    "managed-agents-2026-04-01",
    "web-fetch-2025-09-10",
  ])("no beta that bills, keeps or runs something elsewhere: %s", (beta) => {
    expect(sent(`effort-2025-11-24,${beta}`)).toEqual({
      headers: [...VERSION, "anthropic-beta", "effort-2025-11-24"],
      dropped: [`anthropic-beta:${beta}`],
    });
    expect(sent(beta).headers).toEqual(VERSION);
  });

  test("a beta whose name only begins like one of those", () => {
    expect(sent("compaction-notes-2027-01-01").dropped).toEqual([]);
  });

  test("the beta of a longer context only where long inputs have a price", () => {
    const beta = "context-1m-2025-08-07";
    expect(sent(beta).dropped).toEqual([`anthropic-beta:${beta}`]);
    expect(sent(beta, true)).toEqual({ headers: [...VERSION, "anthropic-beta", beta], dropped: [] });
  });
});

test("OpenAI gets what its clients send", () => {
  const client = new Map([
    ["openai-beta", "responses=v1"],
    ["x-openai-internal-codex-responses-lite", "true"],
  ]);
  expect(passToOpenAi(client, { hasTiers: false })).toEqual({
    headers: ["openai-beta", "responses=v1", "x-openai-internal-codex-responses-lite", "true"],
    dropped: [],
  });
});

test.each([
  [[], undefined, 0],
  [["anthropic-beta", "context-management-2025-06-27"], undefined, 0],
  [["anthropic-beta", "a-2025-01-01,context-1m-2025-08-07"], undefined, 1_000_000],
  [["anthropic-beta", "CONTEXT-1M-2025-08-07"], undefined, 1_000_000],
  [["anthropic-beta", "context-2m-2027-01-01"], undefined, 2_000_000],
  [[], { anthropic_beta: '["context-1m-2025-08-07"]' }, 1_000_000],
])("a long context is found in headers and fields: %j, %j", (headers, fields, tokens) => {
  expect(longContextTokens({ headers, ...(fields !== undefined && { fields }) })).toBe(tokens);
});
