"use client";

import { Button } from "#components/ui/button";
import { EmptyState } from "#components/ui/empty-state";

export type FailureProps = { error: unknown; retry: () => void };

/** What an error boundary shows: the error's id in the log, and a retry button. */
export function Failure({ error, retry }: FailureProps) {
  const digest = error instanceof Error && "digest" in error ? String(error.digest) : null;
  return (
    <div role="alert">
      <EmptyState
        heading="h1"
        title="Failed to load this page"
        action={
          <Button variant="primary" onClick={retry}>
            Try again
          </Button>
        }
      >
        The gateway is not affected by errors of the portal.
        {digest ? (
          <span className="mt-2 block text-ink-3 text-xs">
            Error ID in the log: <code className="font-mono">{digest}</code>
          </span>
        ) : null}
      </EmptyState>
    </div>
  );
}
