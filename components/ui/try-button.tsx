"use client";

import { Activity } from "lucide-react";
import { type ReactNode, useState, useTransition } from "react";
import { Button } from "./button";

export type Outcome = { isGood: boolean; words: string };

type Props = { children: ReactNode; size?: "sm" | "md"; run: () => Promise<Outcome> };

/** A button that tries something, and says beside it how that went, until the next time. */
export function TryButton({ children, size = "sm", run }: Props) {
  const [pending, startTransition] = useTransition();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  return (
    <div className="flex min-w-0 items-center gap-3">
      <p
        role="status"
        className={`empty:sr-only min-w-0 break-words text-xs ${outcome?.isGood ? "text-ink-2" : "text-danger"}`}
      >
        {outcome?.words}
      </p>
      <Button
        size={size}
        pending={pending}
        onClick={() => startTransition(async () => setOutcome(await run()))}
      >
        {pending ? null : <Activity aria-hidden="true" />}
        {children}
      </Button>
    </div>
  );
}
