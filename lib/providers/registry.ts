import { baseUrlFor, type ProviderType } from "./provider-type";
import { anthropic } from "./types/anthropic";
import { azureOpenAi } from "./types/azure-openai";
import { google } from "./types/google";
import { openAi } from "./types/openai";
import { openAiCompatible } from "./types/openai-compatible";
import { simulated } from "./types/simulated";

/**
 * The provider types, by their name in the API. The API's enum, the CLI's list and the checks of credentials
 * and settings derive from this table: a new type is a file in types/ and a line here.
 */
const TYPES: Readonly<Record<string, ProviderType>> = {
  anthropic,
  "azure-openai": azureOpenAi,
  google,
  openai: openAi,
  "openai-compatible": openAiCompatible,
  simulated,
};

export const PROVIDER_TYPE_NAMES: readonly string[] = Object.keys(TYPES);

export const PROVIDER_TYPES: readonly ProviderType[] = Object.values(TYPES);

/** The provider type of this name; undefined for one that is not served. */
export function findProviderType(name: string): ProviderType | undefined {
  return Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
}

/** The base URL that requests to a provider go to; empty for one that has none. */
export function effectiveBaseUrl({ type, baseUrl }: { type: string; baseUrl: string | null }): string {
  const found = findProviderType(type);
  return found === undefined ? (baseUrl ?? "") : baseUrlFor(found.baseUrl, baseUrl);
}
