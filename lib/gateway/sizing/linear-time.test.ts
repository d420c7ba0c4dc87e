// @own-process: it measures processor time, of which other files' garbage would be a part.
import { expect, test } from "vitest";
import type { Dialect } from "#lib/dialects/dialect";
import { DIALECTS } from "#lib/dialects/registry";
import { NO_EDITS } from "#lib/dialects/testing/edits";
import { testModel } from "#lib/gateway/testing/test-model";
import { ApiError } from "#lib/http/api-error";
import { expectLinear } from "#lib/testing/linear-time";
import { contextJudge } from "./context-window";
import { inputTokenBound } from "./estimate";
import { leastInputTokens } from "./spending-bound";
import { awkwardFields } from "./testing/awkward-bodies";

const MODELS = [testModel(1_000_000, "llama-3.3-70b"), testModel(1_000_000, "gpt-4o")];
const EDITS = { ...NO_EDITS, upstreamModel: "other", outputLimitTokens: 7 };

const OF_DIALECTS: Readonly<Record<string, readonly string[]>> = {
  chat: ["messages"],
  messages: ["messages", "system"],
  responses: ["input", "instructions"],
  completions: ["prompt"],
  embeddings: ["input"],
};
const ALL = new Set(Object.values(OF_DIALECTS).flat());

/** A body of a dialect with these fields; null if it has none of them. */
function bodyOf(name: string, given: object): string | null {
  const own = OF_DIALECTS[name] ?? [];
  const kept = Object.entries(given).filter(([field]) => !ALL.has(field) || own.includes(field));
  if (kept.length === 0) return null;
  const hi = own[0] === "messages" ? [{ role: "user", content: "Hi" }] : "Hi";
  const bound = name === "embeddings" ? {} : { max_tokens: 5 };
  return JSON.stringify({ model: "m", ...bound, [own[0] ?? ""]: hi, ...Object.fromEntries(kept) });
}

/** All that is done for a body before it goes upstream, but counting, which takes turns. */
function prepare(dialect: Dialect, json: string): void {
  try {
    const call = dialect.parse(json);
    call.rewriting();
    dialect.promptTexts(call);
    dialect.prompt(call);
    dialect.edit(call, EDITS);
    for (const model of MODELS) {
      inputTokenBound(call, model);
      leastInputTokens(dialect, call, model, 50_000);
      contextJudge(dialect, call).isNear(model);
    }
  } catch (error) {
    // A rejection takes as little.
    if (!(error instanceof ApiError)) throw error;
  }
}

test.each(DIALECTS)(
  "a body of $endpoint is prepared in linear time, whatever is long in it",
  async (dialect) => {
    let bodies = 0;
    for (const [what, fields] of awkwardFields) {
      if (bodyOf(dialect.name, fields(1_000)) === null) continue;
      bodies += 1;
      await expectLinear(what, (characters) => {
        const json = bodyOf(dialect.name, fields(characters)) ?? "";
        return () => prepare(dialect, json);
      });
    }
    expect(bodies).toBeGreaterThan(100);
  },
  120_000,
);
