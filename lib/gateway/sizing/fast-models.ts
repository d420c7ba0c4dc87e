import { byName } from "#lib/providers/by-name";
import { hostOf, isWithin } from "#lib/providers/host-of";
import type { Target } from "#lib/providers/wire";

/**
 * Output tokens per second of those that are much faster than others, rounded up: Cerebras (inference-docs.cerebras.ai/
 * models/overview: gpt-oss-120b "~3,000 tokens/s"), Groq (console.groq.com/docs/models: up to 1 000), SambaNova (as
 * Groq), Fireworks' fast variants (as Groq), GPT-5.3-Codex-Spark ("more than 1,000 tokens per second", OpenAI; later
 * 1 200), and, as openrouter.ai and artificialanalysis.ai measure them, the small models of OpenAI and those of xAI since
 * Grok 4.20 at some 200, gpt-oss at up to 306 (benchlm.ai/llm-speed), Claude's Haiku and GPT-6 Luna at some 130, and GPT-5
 * and its Codex at up to 170 (findllm.org, artificialanalysis.ai/models/gpt-5-minimal/providers).
 */
const FAST_HOSTS: readonly (readonly [string, number])[] = [
  ["cerebras.ai", 3_000],
  ["groq.com", 1_000],
  ["sambanova.ai", 1_000],
];
const FAST_MODELS: readonly (readonly [RegExp, number])[] = [
  [/^cerebras\//, 3_000],
  [/^(?:groq|sambanova)\//, 1_000],
  [/fireworks[^:]*-fast$/, 1_200],
  [/(?:gpt|codex)[^/]*-spark/, 1_500],
  [/(?:^|[/.:_])(?:gpt-[^/]*|o\d+)-(?:mini|nano|luna)/, 300],
  [/(?:^|[/.:_])gpt-(?:[5-9]|(?!35)\d\d(?!\d))|codex/, 250],
  [/grok-(?:[^/]*fast|4\.\d|[5-9]|build)/, 300],
  [/gpt-oss/, 400],
  [/claude-[^/]*haiku/, 200],
];

/**
 * Output tokens per second that a target is known to reach.
 * @returns 0 for one that is not known to be fast
 */
export function knownTokensPerSecond({ baseUrl, upstreamModel }: Target): number {
  return Math.max(ofHost(baseUrl), ofModel(upstreamModel));
}

const ofHost = byName((baseUrl) => {
  const host = hostOf(baseUrl);
  return FAST_HOSTS.find(([known]) => isWithin(host, [known]))?.[1] ?? 0;
});

const ofModel = byName((upstreamModel) => {
  const name = upstreamModel.toLowerCase();
  return FAST_MODELS.find(([model]) => model.test(name))?.[1] ?? 0;
});
