import { pricesAddress } from "./prices-of-setting";
import type { ProviderType } from "./provider-type";
import { anthropic } from "./types/anthropic";
import { azureOpenAi } from "./types/azure-openai";
import { bedrock } from "./types/bedrock";
import { google } from "./types/google";
import { openAi } from "./types/openai";
import { openAiCompatible } from "./types/openai-compatible";
import { simulated } from "./types/simulated";
import { vertex } from "./types/vertex";

/**
 * The provider types, by their name in the API. The API's enum, the CLI's list and the checks of credentials
 * and settings derive from this table: a new type is a file in types/ and a line here.
 */
const TYPES: Readonly<Record<string, ProviderType>> = {
  anthropic,
  "azure-openai": azureOpenAi,
  bedrock,
  google,
  openai: openAi,
  "openai-compatible": openAiCompatible,
  simulated,
  vertex,
};

export const PROVIDER_TYPE_NAMES: readonly string[] = Object.keys(TYPES);

export const PROVIDER_TYPES: readonly ProviderType[] = Object.values(TYPES);

/** The provider type of this name; undefined for one that is not served. */
export function findProviderType(name: string): ProviderType | undefined {
  return Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
}

/** What says where a provider's requests go. */
type Addressed = { type: string; baseUrl: string | null; settings: unknown };

/** The base URL that requests to a provider go to; empty for one that has none. */
export function effectiveBaseUrl({ type, baseUrl, settings }: Addressed): string {
  return findProviderType(type)?.urlFor(baseUrl, settings) ?? baseUrl ?? "";
}

/** The origins that a provider's credentials are sent to, with requests and for tokens: another port may be another server. */
export function credentialOrigins(provider: Addressed): { requests: string; tokens: string } {
  const url = effectiveBaseUrl(provider);
  const { type, baseUrl, settings } = provider;
  return {
    requests: URL.canParse(url) ? new URL(url).origin : url,
    tokens: findProviderType(type)?.tokenOriginFor(baseUrl, settings) ?? "",
  };
}

/** The address by which catalogues price a provider's models: its own, unless `prices_of` names another provider. */
export const pricingUrl = (provider: Addressed): string =>
  pricesAddress(provider.settings) ?? effectiveBaseUrl(provider);
