import { targetsOf } from "#lib/providers/provider-type";
import { findProviderType } from "#lib/providers/registry";
import type { Target } from "#lib/providers/wire";

type Options = {
  type?: string;
  /** Null: the type's own. */
  baseUrl?: string | null;
  apiKey?: string | null;
  /** Other than an API key. */
  credentials?: unknown;
  settings?: unknown;
  upstreamModel?: string;
};

/** A target for a test, opened by its type as a stored provider is. */
export function testTarget({
  type = "openai-compatible",
  baseUrl = "http://127.0.0.1:9/v1",
  apiKey = null,
  settings = {},
  upstreamModel = "m",
  credentials = apiKey === null ? null : { api_key: apiKey },
}: Options = {}): Target {
  const opened = findProviderType(type)?.open({ baseUrl, credentials, settings });
  if (opened === undefined) throw new Error(`${type} is not a provider type`);
  const [target] = targetsOf(opened, {
    providerId: "00000000-0000-0000-0000-000000000000",
    providerName: "acme",
    upstreamModel,
  });
  if (target === undefined) throw new Error("a provider has at least one target");
  return target;
}
