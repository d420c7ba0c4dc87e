"use client";

import { type ReactNode, useState } from "react";
import { Dialog } from "#components/ui/dialog";

/** What a dialog shows once its form is sent, such as a new secret. Only its own button closes it then. */
export type DialogResult = { title: string; description: string; body: ReactNode };

export type FormDialogControls = {
  close: () => void;
  /** Replaces the form with its result. */
  show: (result: DialogResult) => void;
};

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  /** For a form with one or two fields. */
  narrow?: boolean;
  form: (dialog: FormDialogControls) => ReactNode;
};

/** A dialog with a form and, where there is something to show once, its result. */
export function FormDialog({ open, onOpenChange, title, description, narrow = false, form }: Props) {
  const [result, setResult] = useState<DialogResult | null>(null);
  // The address may close the dialog, too: a secret must not be there when it opens again.
  if (!open && result !== null) setResult(null);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={result?.title ?? title}
      description={result?.description ?? description}
      dismissable={result === null}
      className={result ? "max-w-xl" : narrow ? "max-w-md" : undefined}
    >
      {result ? result.body : form({ close: () => onOpenChange(false), show: setResult })}
    </Dialog>
  );
}
