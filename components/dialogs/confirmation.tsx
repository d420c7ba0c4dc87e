"use client";

import { type ComponentProps, useState, useTransition } from "react";
import { ConfirmDialog } from "#components/ui/dialog";
import type { ActionResult } from "#lib/http/action-result";

export type ConfirmationText = Pick<
  ComponentProps<typeof ConfirmDialog>,
  "title" | "description" | "confirm" | "harmless"
>;

type Props = ConfirmationText & {
  open: boolean;
  returnTo: ComponentProps<typeof ConfirmDialog>["returnTo"];
  onClose: () => void;
  run: () => Promise<ActionResult<unknown>>;
  onDone: () => void;
};

/** Asks for confirmation, then runs. If that fails, it stays open and shows the error. */
export function Confirmation({ open, onClose, run, onDone, ...words }: Props) {
  const [error, setError] = useState<string>();
  const [pending, startTransition] = useTransition();
  const close = () => {
    setError(undefined);
    onClose();
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => {
        // While the action runs, its outcome is still to be shown.
        if (!next && !pending) close();
      }}
      {...words}
      pending={pending}
      error={error}
      onConfirm={() =>
        startTransition(async () => {
          const result = await run();
          if (!result.ok) return setError(result.error.message);
          close();
          onDone();
        })
      }
    />
  );
}
