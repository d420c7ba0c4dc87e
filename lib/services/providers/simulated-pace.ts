import { z } from "zod";
import { SimulatedSettings } from "#lib/providers/simulated-settings";

const { firstTokenMs, tokensPerSecond, replyTokens, failWithStatus } = SimulatedSettings.shape;

/** How a simulated provider answers, as the contract spells it; empty for every other type. */
export const SimulatedPace = z
  .strictObject({
    first_token_ms: firstTokenMs.unwrap().optional().describe("How long until the answer begins."),
    tokens_per_second: tokensPerSecond.describe("Without it, as fast as it is read."),
    reply_tokens: replyTokens.unwrap().optional().describe("How long an answer is when nothing cuts it."),
    fail_with_status: failWithStatus.describe("Answers every request with this status and an error."),
  })
  .meta({ id: "SimulatedPace" });
export type SimulatedPace = z.output<typeof SimulatedPace>;

/** What is kept of it. */
export function settingsOf(pace: SimulatedPace): Record<string, number> {
  return numbers({
    firstTokenMs: pace.first_token_ms,
    tokensPerSecond: pace.tokens_per_second,
    replyTokens: pace.reply_tokens,
    failWithStatus: pace.fail_with_status,
  });
}

/** What is kept, as it is shown. */
export function paceOf(settings: Readonly<Record<string, unknown>>): SimulatedPace {
  return numbers({
    first_token_ms: settings.firstTokenMs,
    tokens_per_second: settings.tokensPerSecond,
    reply_tokens: settings.replyTokens,
    fail_with_status: settings.failWithStatus,
  });
}

function numbers(values: Readonly<Record<string, unknown>>): Record<string, number> {
  const given: Record<string, number> = {};
  for (const [name, value] of Object.entries(values)) if (typeof value === "number") given[name] = value;
  return given;
}
