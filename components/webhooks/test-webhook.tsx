"use client";

import { TryButton } from "#components/ui/try-button";
import type { ActionOf } from "#lib/services/verb";
import type { testWebhook } from "#lib/services/webhooks/test-webhook";

type Props = { id: string; test: ActionOf<typeof testWebhook> };

/** Sends a webhook a test. */
export function TestWebhook({ id, test }: Props) {
  const run = async () => {
    const result = await test({ id });
    if (!result.ok) return { isGood: false, words: result.error.message };
    const { status, http_status: httpStatus, latency_ms: latencyMs, error } = result.data;
    return status === "delivered"
      ? { isGood: true, words: `Delivered: ${httpStatus} in ${latencyMs} ms.` }
      : { isGood: false, words: error ?? `Not delivered: it answered ${httpStatus}.` };
  };
  return (
    <TryButton size="md" run={run}>
      Send a test
    </TryButton>
  );
}
