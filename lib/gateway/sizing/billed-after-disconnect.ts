import { isIP } from "node:net";
import type { Route } from "#lib/gateway/routing/routing";
import { isAddressAllowed } from "#lib/providers/address";
import type { Target } from "#lib/providers/wire";
import { isOpenModel } from "./markdown-servers";

/**
 * Hosts that stop generating, and billing, when the connection of a stream is closed
 * (openrouter.ai/docs/api-reference/streaming, "Stream Cancellation"). Not known to: OpenRouter itself, Bedrock,
 * Google, Groq, Mistral, Perplexity, MiniMax, Alibaba, SambaNova, Nebius and others there.
 */
const STOPPING_HOSTS = [
  "openai.com",
  "openai.azure.com",
  "cognitiveservices.azure.com",
  "anthropic.com",
  "deepseek.com",
  "x.ai",
  "fireworks.ai",
  "together.xyz",
  "together.ai",
  "deepinfra.com",
  "novita.ai",
  "cohere.com",
  "cohere.ai",
  "hyperbolic.xyz",
  "friendli.ai",
  "chutes.ai",
  "lepton.ai",
  "avian.io",
  "infermatic.ai",
  "api.cloudflare.com",
];

/** Names of hosts that no public server has. */
const PRIVATE_NAME =
  /^[^.:]+$|\.(?:local|localhost|internal|intranet|lan|home|corp|private|svc|cluster\.local)$/;

/** Models that another company serves, as proxies such as LiteLLM name them, or that nobody else has. */
const SERVED_ELSEWHERE =
  /^(?:openai|azure|azure_ai|anthropic|bedrock|sagemaker|vertex_ai|gemini|google|groq|mistral|codestral|cohere|cohere_chat|deepseek|xai|perplexity|openrouter|together_ai|fireworks_ai|dashscope|alibaba|siliconflow|volcengine|minimax|moonshot|zai|sambanova|nebius|cerebras|replicate|ai21|cloudflare|watsonx|databricks)\/|^(?:grok-|sonar|amazon\.|nova-|qwen-(?:max|plus|turbo|flash)|doubao-|moonshot-v1)/;

/**
 * Whether a provider may go on, and bill the whole answer, after Tollgate has closed the connection: any with a
 * request that is not streamed, and those that are not known to stop a stream. Servers of one's own stop (vLLM, TGI,
 * Ollama, llama.cpp), and send no bill.
 */
export function mayBillAfterDisconnect({ target, wire }: Route, stream: boolean): boolean {
  // An in-process provider stops, and bills nothing.
  if (target.baseUrl === "") return false;
  if (!stream) return true;
  return !(wire.stopsOnDisconnect ?? isKnownToStop(target));
}

function isKnownToStop({ baseUrl, upstreamModel }: Pick<Target, "baseUrl" | "upstreamModel">): boolean {
  if (!URL.canParse(baseUrl)) return false;
  const host = new URL(baseUrl).hostname;
  if (STOPPING_HOSTS.some((known) => host === known || host.endsWith(`.${known}`))) return true;
  return isPrivate(host) && isOpenModel(upstreamModel) && !SERVED_ELSEWHERE.test(upstreamModel.toLowerCase());
}

function isPrivate(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, "");
  if (isIP(address) !== 0) return !isAddressAllowed(address, true);
  return PRIVATE_NAME.test(host);
}
