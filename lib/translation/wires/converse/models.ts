import { type ClaudeTraits, claudeTraits } from "#lib/translation/wires/messages/models";

/** What a model takes by Converse, which each family of models supports in part. */
export type ConverseTraits = {
  /** Whose opaque tokens it reads. */
  maker: string;
  /** How it is told to reason, in `additionalModelRequestFields`. */
  reasoning: "claude" | "nova" | "effort" | "none";
  /** Where marks for the prompt cache may be. */
  cachePoints: "everywhere" | "outside_tools" | "nowhere";
  hasHourlyCache: boolean;
  /** How the use of a tool may be forced: any one, or a certain one. */
  forces: readonly ("any" | "tool")[];
  /** Whether it is told that a result is an error. */
  hasStatus: boolean;
  /** Whether answers and arguments can be bound to a schema. */
  hasSchemas: boolean;
  /** Whether answers may cite documents. */
  hasCitations: boolean;
  /** Where `top_k` is among the additional fields; null: nowhere. */
  topK: "top_k" | "inferenceConfig.topK" | null;
  /** Whether ids of calls must be nine letters and digits. */
  hasShortIds: boolean;
  claude: ClaudeTraits | null;
};

const OTHERS: ConverseTraits = {
  maker: "none",
  reasoning: "none",
  cachePoints: "nowhere",
  hasHourlyCache: false,
  forces: [],
  hasStatus: false,
  hasSchemas: false,
  hasCitations: false,
  topK: null,
  hasShortIds: false,
  claude: null,
};
const NOVA: ConverseTraits = {
  ...OTHERS,
  maker: "amazon",
  cachePoints: "outside_tools",
  forces: ["any", "tool"],
  hasStatus: true,
  topK: "inferenceConfig.topK",
};

/**
 * Families, the first that matches. Caching, the choice of tools and the status of results are as AWS documents them
 * (docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html, …/APIReference/API_runtime_ToolChoice.html,
 * …/API_runtime_ToolResultBlock.html), and so are schemas (…/userguide/structured-output.html).
 */
const FAMILIES: readonly (readonly [RegExp, ConverseTraits])[] = [
  [/amazon\.nova-2-/, { ...NOVA, reasoning: "nova" }],
  [/amazon\.nova-/, NOVA],
  [/openai\.gpt-oss-/, { ...OTHERS, maker: "gptoss", reasoning: "effort", hasSchemas: true }],
  [/mistral\.(?:mistral-large-3|ministral-3|magistral|voxtral)/, mistral(true)],
  [/mistral\./, mistral(false)],
  [/deepseek\.v3/, { ...OTHERS, maker: "deepseek", hasSchemas: true }],
  [/deepseek\./, { ...OTHERS, maker: "deepseek" }],
  [/(?:qwen\.qwen3|google\.gemma-3|minimax\.|moonshot|nvidia\.)/, { ...OTHERS, hasSchemas: true }],
];

function mistral(hasSchemas: boolean): ConverseTraits {
  return { ...OTHERS, maker: "mistral", forces: ["any"], hasSchemas, hasShortIds: true };
}

/** What a model takes, by its id on Bedrock or its ARN. */
export function converseTraits(upstreamModel: string): ConverseTraits {
  if (/claude/.test(upstreamModel)) return claude(upstreamModel);
  return FAMILIES.find(([ids]) => ids.test(upstreamModel))?.[1] ?? OTHERS;
}

/** Claude's models since 4.5 have schemas, and a cache for an hour. */
function claude(upstreamModel: string): ConverseTraits {
  const traits = claudeTraits(upstreamModel);
  return {
    ...OTHERS,
    maker: "anthropic",
    reasoning: "claude",
    cachePoints: "everywhere",
    hasHourlyCache: traits.hasSchemas,
    forces: traits.canBeForced ? ["any", "tool"] : [],
    hasStatus: true,
    hasSchemas: traits.hasSchemas,
    hasCitations: true,
    topK: "top_k",
    claude: traits,
  };
}
