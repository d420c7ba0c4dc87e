"use client";

import { type ReactNode, useState, useTransition } from "react";
import { ConfirmDialog } from "#components/ui/dialog";
import type { ActionResult } from "#lib/http/action-result";

type Props = {
  open: boolean;
  onClose: () => void;
  title: string;
  description: ReactNode;
  /** The text of the confirming button. */
  confirm: string;
  /** Whether the action is easily undone. */
  harmless?: boolean;
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
        if (!next) close();
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
