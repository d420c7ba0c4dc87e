"use client";

import { TryButton } from "#components/ui/try-button";
import type { testProvider } from "#lib/services/providers/test-provider";
import type { ActionOf } from "#lib/services/verb";

type Props = { id: string; test: ActionOf<typeof testProvider> };

/** Sends a provider a request that costs nothing. */
export function TestProvider({ id, test }: Props) {
  const run = async () => {
    const result = await test({ id });
    if (!result.ok) return { isGood: false, words: result.error.message };
    const { healthy, latency_ms: latencyMs, error } = result.data;
    return healthy
      ? { isGood: true, words: `Healthy: answered in ${latencyMs} ms.` }
      : { isGood: false, words: error ?? "It did not answer as expected." };
  };
  return <TryButton run={run}>Test</TryButton>;
}
