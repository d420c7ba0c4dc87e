"use client";

import type { LucideIcon } from "lucide-react";
import { type ReactNode, useTransition } from "react";
import { Button } from "#components/ui/button";
import { showDone, showError } from "#components/ui/toast";
import type { ActionResult } from "#lib/http/action-result";

type Props<T> = {
  icon: LucideIcon;
  children: ReactNode;
  size?: "sm" | "md";
  run: () => Promise<ActionResult<T>>;
  /** The toast for a success. */
  toast: (data: T) => string;
};

/** A button that runs an action at once and reports its outcome in a toast. */
export function ActionButton<T>({ icon: Icon, children, size, run, toast: words }: Props<T>) {
  const [pending, startTransition] = useTransition();
  return (
    <Button
      size={size}
      pending={pending}
      onClick={() =>
        startTransition(async () => {
          const result = await run();
          if (result.ok) showDone(words(result.data));
          else showError(result.error.message);
        })
      }
    >
      {pending ? null : <Icon aria-hidden="true" />}
      {children}
    </Button>
  );
}
