import { BETA, betasIn, type ClientHeaders, LONG_CONTEXT, type PassHeaders } from "./passed-headers";

/** Whether a cloud's name for a model is one of Claude: `us.anthropic.claude-…`, an ARN, `claude-sonnet-4-5@20250929`. */
export const isClaude = (upstreamModel: string): boolean => /(?:^|[./:])claude-/.test(upstreamModel);

/**
 * Betas that a cloud takes, by the client's name for them. A cloud rejects the whole request for a beta that it does
 * not know. None of these bills otherwise, keeps anything or runs anything there.
 */
export type HostedBetas = ReadonlyMap<string, string>;

const named = (...names: string[]): [string, string][] => names.map((name) => [name, name]);

/** Clouds have the search of tools under the name of the beta before. */
const TOOL_SEARCH: [string, string][] = [
  ["tool-search-tool-2025-10-19", "tool-search-tool-2025-10-19"],
  ["advanced-tool-use-2025-11-20", "tool-search-tool-2025-10-19"],
];

/** Betas of Opus 4.5 alone, in later models no betas (platform.claude.com/docs/en/agents-and-tools/tool-use). */
const TOOL_EXAMPLES: [string, string][] = named("tool-examples-2025-10-29");
const EFFORT: [string, string][] = named("effort-2025-11-24");
const isOpus45 = (upstreamModel: string): boolean => /claude-opus-4-5/.test(upstreamModel);

/**
 * docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude, and what LiteLLM's users have verified
 * (github.com/BerriAI/litellm, anthropic_beta_headers_config.json, which the list was compared with in October 2026).
 */
const VERTEX_BETAS: HostedBetas = new Map([
  ...named(
    "computer-use-2025-01-24",
    "computer-use-2025-11-24",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "interleaved-thinking-2025-05-14",
  ),
  ...TOOL_SEARCH,
]);

/** What Vertex AI takes for a model. */
export const vertexBetas = (upstreamModel: string): HostedBetas =>
  isOpus45(upstreamModel) ? new Map([...VERTEX_BETAS, ...TOOL_EXAMPLES]) : VERTEX_BETAS;

/** What Bedrock takes for a model. */
export const bedrockBetas = (upstreamModel: string): HostedBetas =>
  isOpus45(upstreamModel) ? new Map([...BEDROCK_BETAS, ...TOOL_EXAMPLES, ...EFFORT]) : BEDROCK_BETAS;

/**
 * docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html (as cited in
 * github.com/BerriAI/litellm/pull/19877), and what envoyproxy/ai-gateway (#2512) has verified.
 */
const BEDROCK_BETAS: HostedBetas = new Map([
  ...named(
    "computer-use-2024-10-22",
    "computer-use-2025-01-24",
    "computer-use-2025-11-24",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "fine-grained-tool-streaming-2025-05-14",
    "interleaved-thinking-2025-05-14",
    "output-128k-2025-02-19",
    "token-efficient-tools-2025-02-19",
  ),
  ...TOOL_SEARCH,
]);

type HostedClaude = {
  /** The version of the API, which a cloud takes in the body, whatever the client's header says. */
  version: string;
  betas: HostedBetas;
  /** Whether the betas are in the body, too, or still in the header. */
  betasIn: "body" | "header";
};

/** What a cloud that hosts Claude gets of the headers of Anthropic's clients. */
export function passToHosted({ version, betas, betasIn: place }: HostedClaude): PassHeaders {
  const versionField = { anthropic_version: JSON.stringify(version) };
  const versionAlone = { headers: [], dropped: [], fields: versionField };
  return (client, { hasTiers }) => {
    const { passed, dropped } = chosen(client, betas, hasTiers);
    if (passed.length === 0) return dropped.length === 0 ? versionAlone : { ...versionAlone, dropped };
    if (place === "header") return { headers: [BETA, passed.join(",")], dropped, fields: versionField };
    const fields = { ...versionField, anthropic_beta: JSON.stringify(passed) };
    return { headers: [], dropped, fields };
  };
}

function chosen(client: ClientHeaders, betas: HostedBetas, hasTiers: boolean) {
  const passed = new Set<string>();
  const dropped: string[] = [];
  for (const beta of betasIn(client.get(BETA))) {
    const name = betas.get(beta);
    if (name === undefined || (LONG_CONTEXT.test(beta) && !hasTiers)) dropped.push(`${BETA}:${beta}`);
    else passed.add(name);
  }
  return { passed: [...passed], dropped };
}
