"use client";

import { Activity } from "lucide-react";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import type { testProvider } from "#lib/services/providers/test-provider";
import type { ActionOf } from "#lib/services/verb";

type Props = { id: string; test: ActionOf<typeof testProvider> };

type Outcome = { isGood: boolean; words: string };

/** Sends a provider a request that costs nothing, and says how it went until the next one. */
export function TestProvider({ id, test }: Props) {
  const [pending, startTransition] = useTransition();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const run = () =>
    startTransition(async () => {
      const result = await test({ id });
      if (!result.ok) return setOutcome({ isGood: false, words: result.error.message });
      const { healthy, latency_ms: latencyMs, error } = result.data;
      setOutcome(
        healthy
          ? { isGood: true, words: `Healthy: answered in ${latencyMs} ms.` }
          : { isGood: false, words: error ?? "It did not answer as expected." },
      );
    });
  return (
    <div className="flex min-w-0 items-center gap-3">
      <p
        role="status"
        className={`min-w-0 break-words text-xs ${outcome?.isGood ? "text-ink-2" : "text-danger"}`}
      >
        {outcome?.words}
      </p>
      <Button size="sm" pending={pending} onClick={run}>
        {pending ? null : <Activity aria-hidden="true" />}
        Test
      </Button>
    </div>
  );
}
