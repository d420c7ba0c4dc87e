"use client";

import { Button } from "#components/ui/button";
import { EmptyState } from "#components/ui/empty-state";

type Props = { error: unknown; retry: () => void };

/** What an error boundary shows: that it failed, how to find it in the log, and another try. */
export function Failure({ error, retry }: Props) {
  const digest = error instanceof Error && "digest" in error ? String(error.digest) : null;
  return (
    <div role="alert">
      <EmptyState
        heading="h1"
        title="This page could not be loaded"
        action={
          <Button variant="primary" onClick={retry}>
            Try again
          </Button>
        }
      >
        The gate itself may well be working: only its portal failed here.
        {digest ? (
          <span className="mt-2 block text-ink-3 text-xs">
            In the log: <code className="font-mono">{digest}</code>
          </span>
        ) : null}
      </EmptyState>
    </div>
  );
}
