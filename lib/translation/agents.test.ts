import { describe, expect, test } from "vitest";
import { claudeCode, claudeCodeTitle } from "./testing/agents/claude-code";
import { codex } from "./testing/agents/codex";
import { opencode } from "./testing/agents/opencode";
import { MAKERS, seal } from "./testing/conversations";
import { outcomeOf, plansOf } from "./testing/plans";

/** Requests in the shape that coding agents send, with reasoning of each maker. */
const TURNS = MAKERS.flatMap((maker) => [
  { agent: "Claude Code", maker, dialect: "messages", body: claudeCode(seal(maker)) },
  { agent: "Codex", maker, dialect: "responses", body: codex(seal(maker)) },
  { agent: "opencode", maker, dialect: "chat", body: opencode(seal(maker)) },
]);

/** What may be left out on one wire or another: settings, marks, tools that a provider defines, and reasoning. */
const OFFERS: readonly RegExp[] = [
  /^(?:context_management|metadata\.user_id|text\.verbosity|prompt_cache_key)$/,
  /^(?:thinking(?:\.budget_tokens)?|reasoning_effort|reasoning\.effort|messages\[4\]\.output_config\.effort)$/,
  /\.cache_control(?:\.ttl)?$/,
  // Of Claude Code, opencode and Codex.
  /^(?:messages\[2\]\.content\[0\]|messages\[3\]\.(?:reasoning_content|tool_calls\[0\]\.id)|input\[3\])$/,
  // Codex's search of tools, and of the web.
  /^tools\[1[45]\]$/,
];

describe.each(TURNS)("a turn of $agent, with reasoning of $maker", ({ dialect, body }) => {
  test.each(plansOf(dialect))("reaches $model on the wire $wire with all that it says", (plan) => {
    const { dropped, ...outcome } = outcomeOf(body, plan);
    expect(outcome).toEqual({ fault: null, refused: [], misnamed: [], lost: [] });
    expect(dropped.filter((at) => OFFERS.every((offer) => !offer.test(at)))).toEqual([]);
  });
});

/** It can neither be bound to a schema nor made to use a tool. */
const WITHOUT_SCHEMAS = "us.meta.llama4-maverick-17b-instruct-v1:0";

test.each(plansOf("messages"))("the title of a session reaches $model on the wire $wire", (plan) => {
  const outcome = outcomeOf(claudeCodeTitle, plan);
  const refused = plan.model === WITHOUT_SCHEMAS ? ["output_config.format"] : [];
  expect(outcome).toEqual({ fault: null, refused, dropped: [], misnamed: [], lost: [] });
});
