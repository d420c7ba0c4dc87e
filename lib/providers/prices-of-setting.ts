import { z } from "zod";
import { PROVIDER_PRESETS, placeholdersIn } from "./presets";

/** The addresses by which catalogues know whose prices they are. */
const ADDRESSES: ReadonlyMap<string, string> = new Map([
  ["openai", "https://api.openai.com/v1"],
  ["anthropic", "https://api.anthropic.com/v1"],
  ["google", "https://generativelanguage.googleapis.com/v1beta"],
  ...PROVIDER_PRESETS.filter(
    ({ baseUrl }) => baseUrl.startsWith("https://") && placeholdersIn(baseUrl).length === 0,
  ).map(({ name, baseUrl }) => [name, baseUrl] as const),
]);

/** Whose prices may be meant. */
export const PRICED_PROVIDERS: readonly string[] = [...ADDRESSES.keys()];

/** A setting of the types that may have a base URL of their own. */
export const PricesOf = z
  .enum(PRICED_PROVIDERS, `Choose one of: ${PRICED_PROVIDERS.join(", ")}.`)
  .optional()
  .describe(
    "Whose prices in the catalogues apply, for a server at another address that charges the same: a proxy in front of OpenAI's API, say. Default: by the host of the base URL.",
  );

/** The address of the provider whose prices apply by the setting; undefined without it. */
export function pricesAddress(settings: unknown): string | undefined {
  const named: unknown = Object(settings).prices_of;
  return typeof named === "string" ? ADDRESSES.get(named) : undefined;
}

const KNOWN_HOSTS = new Set([...[...ADDRESSES.values()].map(hostOf), "gateway.ai.cloudflare.com"]);
/** Types whose prices go by the host of a base URL, and which have this setting. */
const PRICED_BY_HOST = new Set(["openai", "anthropic", "google", "openai-compatible"]);

/** Whether providers of a type may say whose prices apply. */
export const takesPricesOf = (type: string): boolean => PRICED_BY_HOST.has(type);

type NewProvider = {
  name: string;
  type: string;
  base_url?: string | null | undefined;
  settings?: unknown;
};

/** What to do where no catalogue has prices of a provider's models, which cannot be used without; null where one may. */
export function priceHint({ name, type, base_url: baseUrl, settings }: NewProvider): string | null {
  if (type === "simulated")
    return `no catalogue has its models. Create those that are used, with a price:  npx tollgate model create MODEL --provider ${name} --input-price 1 --output-price 2`;
  if (!takesPricesOf(type) || baseUrl == null || pricesAddress(settings) !== undefined) return null;
  return KNOWN_HOSTS.has(hostOf(baseUrl))
    ? null
    : `no prices are known at its address. Say whose apply:  npx tollgate provider update ${name} --prices-of openai`;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : "";
}
