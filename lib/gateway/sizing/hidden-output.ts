import { byName } from "#lib/providers/by-name";

/** Names of models that reason, whatever family they are made from. */
const REASONS = /reason|think|magistral|qwq|distill|nemotron|deepseek|cogito|hermes|-r1|search|research/;

/**
 * Families that generate nothing but what they show: no reasoning, or none before the versions named here. Those
 * that reason on request (Claude 3.7 and later, Qwen 3, DeepSeek 3.1, Mistral Small 4) are not among them.
 */
const SHOWS_ALL: readonly RegExp[] = [
  /(?:^|[/.:_])(?:chatgpt-4o|gpt-(?:3\.?5|4(?!\d)))/,
  /claude-(?:2|instant|3-(?:opus|sonnet|haiku|5)|3\.5)/,
  /llama-?v?[23](?!\d)/,
  /mixtral|open-mi[sx]tral|mistral-(?:7b|nemo|tiny|large)|codestral|pixtral|ministral/,
  /gemma-?[123]/,
  /gemini-(?:1|2\.0)/,
  /command-r/,
  /phi-[34](?!\d)/,
  /qwen-?[12](?!\d)/,
  /grok-[12](?!\d)/,
  /nova-(?:micro|lite|pro)-v1/,
];

/** Whether a model may generate, and bill, output that it does not show; also if it is unknown. */
export const mayHideOutput = byName((upstreamModel): boolean => {
  const name = upstreamModel.toLowerCase();
  return REASONS.test(name) || !SHOWS_ALL.some((family) => family.test(name));
});
