import type { Target } from "#lib/providers/wire";

/** What latencies, breakers and conversations are kept by: a model of a provider, reached with one of its credentials. */
export const targetKey = ({ providerId, upstreamModel }: Target): string => `${providerId} ${upstreamModel}`;
