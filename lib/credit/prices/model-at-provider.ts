import { cataloguePrice, catalogueProviderId, catalogueWindow } from "./catalogue";
import type { PriceVersion } from "./price-version";
import { globalAddress, hasRegionalPremium, withRegionalPremium } from "./regional-premium";

/** What identifies a provider in a catalogue: its name here, and the address by which it is priced (empty: none). */
export type ProviderAddress = { name: string; url: string };

/** Providers that LiteLLM names differently than the built-in catalogue. */
const LITELLM_PREFIX: Readonly<Record<string, string>> = {
  fireworks: "fireworks_ai",
  google: "gemini",
  moonshotai: "moonshot",
  together: "together_ai",
  voyageai: "voyage",
  "x-ai": "xai",
};

/**
 * The names under which an imported catalogue may list a provider's model, best first: LiteLLM prefixes the provider's
 * name, except for the models' own makers. None if an imported price, which is that of all regions, is not its own.
 */
export function importedNames(provider: ProviderAddress, upstreamModel: string): string[] {
  const behind = behindGateway(provider.url, upstreamModel);
  if (behind !== null) return [`${LITELLM_PREFIX[behind.id] ?? behind.id}/${behind.model}`, behind.model];
  if (hasRegionalPremium(provider.url, upstreamModel)) return [];
  const prefixed = importedPrefixes(provider).map((prefix) => `${prefix}/${upstreamModel}`);
  return [...new Set([...prefixed, upstreamModel])];
}

/** What such names may begin with, without the slash. */
export function importedPrefixes({ name, url }: ProviderAddress): string[] {
  const id = idAt(url);
  return [...(id === null ? [] : [LITELLM_PREFIX[id] ?? id]), name];
}

/** The built-in catalogue's price of a provider's model; null if it has none. */
export function builtInPrice(
  { url }: Pick<ProviderAddress, "url">,
  upstreamModel: string,
): { contextWindow: number | null; version: PriceVersion } | null {
  const behind = behindGateway(url, upstreamModel);
  const id = behind?.id ?? idAt(url);
  const found = id === null ? null : cataloguePrice(id, behind?.model ?? upstreamModel, new Date());
  if (found === null) return null;
  const { contextWindow, origin } = found;
  const isHigher = hasRegionalPremium(url, upstreamModel);
  const rates = isHigher ? withRegionalPremium(found.rates) : found.rates;
  return { contextWindow, version: { source: "catalogue", origin, rates } };
}

/** What the built-in catalogue says that a provider's model reads at most; null if it does not say. */
export function builtInWindow({ url }: Pick<ProviderAddress, "url">, upstreamModel: string): number | null {
  const behind = behindGateway(url, upstreamModel);
  const id = behind?.id ?? idAt(url);
  return id === null ? null : catalogueWindow(id, behind?.model ?? upstreamModel);
}

/** Whether the built-in catalogue knows whose prices apply at an address. */
export const isPricedAddress = (url: string): boolean => AI_GATEWAY.test(url) || idAt(url) !== null;

const idAt = (url: string): string | null => (url === "" ? null : catalogueProviderId(globalAddress(url)));

const AI_GATEWAY = /^https:\/\/gateway\.ai\.cloudflare\.com\/v1\/[^/]+\/[^/]+\/compat\/?$/;
/** How Cloudflare names providers (developers.cloudflare.com/ai-gateway/usage/chat-completion), and the catalogue. */
const BEHIND_AI_GATEWAY: ReadonlyMap<string, string> = new Map([
  ["anthropic", "anthropic"],
  ["cerebras", "cerebras"],
  ["deepseek", "deepseek"],
  ["google-ai-studio", "google"],
  ["grok", "x-ai"],
  ["groq", "groq"],
  ["mistral", "mistral"],
  ["openai", "openai"],
]);

/** Cloudflare's gateway names a model with the provider that serves and prices it: `openai/gpt-5-mini`. */
function behindGateway(url: string, upstreamModel: string): { id: string; model: string } | null {
  if (!AI_GATEWAY.test(url)) return null;
  const slash = upstreamModel.indexOf("/");
  const id = BEHIND_AI_GATEWAY.get(upstreamModel.slice(0, slash));
  return id === undefined ? null : { id, model: upstreamModel.slice(slash + 1) };
}
