import { byName } from "#lib/providers/by-name";
import type { Target } from "#lib/providers/wire";

// Text Generation Inference (TGI) writes pictures into the prompt as Markdown, and with a vision model fetches
// whatever picture it finds there, also one that a client wrote into a text (router/src/validation.rs).

/** Models that only their makers and the makers' clouds serve, by themselves or behind a proxy. */
const CLOSED =
  /^(?:(?:us|eu|apac|jp|au|global)\.)?(?:anthropic\.)?(?:gpt-\d|chatgpt-|o[1-9](?:$|-)|codex-|claude|gemini-)/;

/** Hosts with servers of their own. */
const HOSTS = [
  "openai.com",
  "openai.azure.com",
  "cognitiveservices.azure.com",
  "services.ai.azure.com",
  "anthropic.com",
  "generativelanguage.googleapis.com",
  "mistral.ai",
  "deepseek.com",
  "x.ai",
  "groq.com",
  "cerebras.ai",
  "sambanova.ai",
  "fireworks.ai",
  "together.xyz",
  "together.ai",
  "moonshot.ai",
  "moonshot.cn",
  "perplexity.ai",
  "cohere.com",
  "cohere.ai",
];
/** Services of clouds on which other addresses run the servers of their customers. */
const CLOUDS =
  /^(?:bedrock[a-z-]*\.[a-z0-9-]+\.amazonaws\.com\/|dashscope[a-z-]*\.aliyuncs\.com\/|(?:[a-z0-9-]+-)?aiplatform\.googleapis\.com\/.*\/endpoints\/openapi\/?$)/;

/** Whether a target may take Markdown in a text for a picture: unless its model or host is known not to. */
export function mayReadMarkdown({
  baseUrl,
  upstreamModel,
}: Pick<Target, "baseUrl" | "upstreamModel">): boolean {
  return isOpenModel(upstreamModel) && !hasServerOfItsOwn(baseUrl);
}

const hasServerOfItsOwn = byName((baseUrl) => {
  // An in-process provider fetches nothing.
  if (baseUrl === "") return true;
  if (!URL.canParse(baseUrl)) return false;
  const { hostname: host, pathname } = new URL(baseUrl);
  return (
    CLOUDS.test(`${host}${pathname}`) || HOSTS.some((known) => host === known || host.endsWith(`.${known}`))
  );
});

/** Whether a model may be read by a server and a chat template that others than its maker have written. */
export const isOpenModel = byName(
  (upstreamModel) => !CLOSED.test(upstreamModel.toLowerCase().split("/").at(-1) ?? ""),
);
