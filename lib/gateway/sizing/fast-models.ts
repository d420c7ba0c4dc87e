import { byName } from "#lib/providers/by-name";
import { hostOf, isWithin } from "#lib/providers/host-of";
import type { Target } from "#lib/providers/wire";

/**
 * Output tokens per second of those that are much faster than others, rounded up: Cerebras (inference-docs.cerebras.ai/
 * models/overview: gpt-oss-120b "~3,000 tokens/s"), Groq (console.groq.com/docs/models: up to 1 000), SambaNova (as
 * Groq), Fireworks' fast variants (as Groq), GPT-5.3-Codex-Spark ("more than 1,000 tokens per second", OpenAI; later
 * 1 200), and, as openrouter.ai and artificialanalysis.ai measure them, the small models of OpenAI and those of xAI since
 * Grok 4.20 at some 200, Grok 4 Fast at some 400 (webconsulting.at, Grok-4 Fast), gpt-oss at up to 683 (Fireworks,
 * alatirok.com/ai-inference-speed-2026), Nemotron at 367 (benchlm.ai/llm-speed), Claude's Haiku and GPT-6 Luna at some
 * 130, GPT-5 and its Codex at up to 170 (findllm.org, artificialanalysis.ai/models/gpt-5-minimal/providers), o1 at 156
 * (vercel.com/ai-gateway/models/o1), o3 at 108 to 135 (artificialanalysis.ai/models/o3/providers,
 * community.openai.com/t/1307310), DeepSeek V4 at 171 (Together), and Claude's Sonnet at 104 (induwara.lk). With a tenth
 * more at least, since those are averages.
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
  [/(?:^|[/.:_])o\d+(?![a-z\d])/, 175],
  [/(?:^|[/.:_])gpt-(?:[5-9]|(?!35)\d\d(?!\d))|codex/, 250],
  [/grok-[^/]*fast/, 440],
  [/grok-(?:3-mini|4\.\d|[5-9]|build)/, 300],
  [/gpt-oss/, 755],
  [/nemotron/, 405],
  [/deepseek/, 190],
  [/claude-[^/]*haiku/, 200],
  [/claude-(?:sonnet-|[^/]*3-7)/, 120],
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
