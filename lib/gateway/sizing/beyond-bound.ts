import { MOST_THINKING_TOKENS } from "#lib/dialects/bounds/reasoning-budgets";
import type { Call } from "#lib/dialects/call";
import type { Route } from "#lib/gateway/routing/routing";
import { countTokens } from "./count-tokens";
import { leastTokens } from "./least-tokens";
import { tokenizerOver } from "./tokenizers";

/** Predictions are code, mostly. */
const BYTES_PER_PREDICTED_TOKEN = 3;

type Beyond = Pick<Call, "predictedTexts" | "reasoningBudgetTokens" | "isReasoningOff">;

/** Providers that do not count reasoning within the output bound, by their address or as a proxy names them. */
const REASONING_APART = /dashscope|aliyuncs\.com|siliconflow|lkeap|(?:^|[ /])alibaba\//i;
/** Those that count it within the bound by its newer name only (volcengine.com/docs/82379/1494384). */
const APART_BY_OLDER_NAME = /volces\.com|volcengine|bytepluses|byteplus/i;
const NEWER_NAME = /completion/;
/** Proxies that send a maker's models to the maker. */
const PROXY = /openrouter\.ai|vercel/i;
const MADE_THERE = /^qwen\//i;
/** Models there that reason unless they are told not to (help.aliyun.com/zh/model-studio/models). */
const REASONS_BY_DEFAULT =
  /qwq|qvq|think|deepseek-r1|qwen-?3-\d+(?:\.\d+)?b(?!.*instruct)|qwen-?3\.[5-9]|seed-?[12][-.]\d/i;

/**
 * Output tokens that a provider may bill for an answer beyond its output bound: predicted tokens that the answer
 * does not use, and reasoning where it is not counted within the bound. A tokenizer makes at most one token per
 * byte.
 */
export function tokensBeyondBound(call: Beyond, routes: readonly Route[]): number {
  let bytes = 0;
  for (const text of call.predictedTexts) bytes += Buffer.byteLength(text);
  return bytes + reasoningBeyondBound(call, routes);
}

function reasoningBeyondBound(
  { reasoningBudgetTokens, isReasoningOff }: Beyond,
  routes: readonly Route[],
): number {
  if (reasoningBudgetTokens > 0 || isReasoningOff) return reasoningBudgetTokens;
  const reasons = routes.some(
    (route) => isReasoningApart(route) && REASONS_BY_DEFAULT.test(route.target.upstreamModel),
  );
  return reasons ? MOST_THINKING_TOKENS : 0;
}

function isReasoningApart({ target: { baseUrl, upstreamModel }, wire }: Route): boolean {
  const name = `${baseUrl} ${upstreamModel}`;
  if (REASONING_APART.test(name)) return true;
  if (APART_BY_OLDER_NAME.test(name)) return !NEWER_NAME.test(wire.outputLimitField ?? "");
  return PROXY.test(baseUrl) && MADE_THERE.test(upstreamModel);
}

/** Predicted tokens that an answer may not have used by the time that it breaks off: they are billed at once. */
export function likelyPredictedTokens({ predictedTexts }: Pick<Call, "predictedTexts">): number {
  let bytes = 0;
  for (const text of predictedTexts) bytes += Buffer.byteLength(text);
  return Math.ceil(bytes / BYTES_PER_PREDICTED_TOKEN);
}

/** What the same by counting is at least. */
export function leastTokensBeyondBound(call: Beyond, routes: readonly Route[]): number {
  const least = leastTokens(call.predictedTexts, tokenizerOver(routes), Number.POSITIVE_INFINITY);
  return Math.min(tokensBeyondBound(call, routes), least + reasoningBeyondBound(call, routes));
}

/** The same by counting, for requests near a limit. */
export async function countedTokensBeyondBound(call: Beyond, routes: readonly Route[]): Promise<number> {
  const bound = tokensBeyondBound(call, routes);
  if (call.predictedTexts.length === 0) return bound;
  const counted = await countTokens(call.predictedTexts, tokenizerOver(routes));
  return Math.min(bound, Math.ceil(counted) + reasoningBeyondBound(call, routes));
}
