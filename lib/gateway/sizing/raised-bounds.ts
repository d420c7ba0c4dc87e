import type { Route } from "#lib/gateway/routing/routing";
import { byName } from "#lib/providers/by-name";

/**
 * Proxies raise an output bound that a model's maker would refuse: LiteLLM for GPT and Grok at Bedrock, and for GPT
 * behind messages (github.com/BerriAI/litellm/pull/42332 and 31536), LLMGateway (github.com/theopenco/llmgateway/pull/
 * 1465) and others for GPT.
 */
const LEAST_BOUND_TOKENS = 16;
const RAISED = /(?:^|[^a-z])(?:gpt|chatgpt|codex|grok|o[1-9])(?:[^a-z]|$)/;
/** They themselves refuse it, or keep to it. */
const MAKERS = /(?:^|\.)(?:openai|azure|x)\.(?:com|ai)$/;

/** Output tokens that a proxy may add to a bound. */
export const raisedTokens = (boundTokens: number, routes: readonly Route[]): number =>
  boundTokens < LEAST_BOUND_TOKENS && routes.some(mayRaise) ? LEAST_BOUND_TOKENS - boundTokens : 0;

const mayRaise = ({ target: { baseUrl, upstreamModel } }: Route): boolean =>
  isRaised(upstreamModel) && !isMaker(baseUrl);

const isRaised = byName((upstreamModel) => RAISED.test(upstreamModel.toLowerCase()));

const isMaker = byName(
  (baseUrl) => baseUrl === "" || (URL.canParse(baseUrl) && MAKERS.test(new URL(baseUrl).hostname)),
);
