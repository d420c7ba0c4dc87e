"use client";

import { type ReactNode, type RefObject, useRef, useState } from "react";
import { ConfirmDialog, Dialog } from "#components/ui/dialog";
import { DraftContext, UNTOUCHED } from "./draft";
import { type DialogResult, useResultHost } from "./result-host";

export type FormDialogControls = {
  /** Closes the dialog, or the result that it showed, without asking. */
  close: () => void;
  /** Closes the dialog and shows its result, until the reader closes that. */
  show: (result: DialogResult) => void;
};

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** What opens it, which gets the focus back. */
  returnTo: RefObject<HTMLElement | null>;
  title: string;
  description: string;
  /** For a form with one or two fields. */
  narrow?: boolean;
  form: (dialog: FormDialogControls) => ReactNode;
};

/**
 * A dialog with a form and, where there is something to show once, its result. Escape, the close button and a click
 * beside it close an untouched form, and ask before they discard input.
 */
export function FormDialog({
  open,
  onOpenChange,
  returnTo,
  title,
  description,
  narrow = false,
  form,
}: Props) {
  const host = useResultHost();
  const draft = useRef(UNTOUCHED);
  const field = useRef<HTMLElement>(null);
  const [asks, setAsks] = useState(false);
  // The address may close the dialog, too.
  if (!open && asks) setAsks(false);
  const close = () => onOpenChange(false);
  const dismiss = () => {
    const state = draft.current();
    if (state === "untouched") close();
    if (state === "changed") setAsks(true);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => (next ? onOpenChange(true) : dismiss())}
      returnTo={returnTo}
      title={title}
      description={description}
      className={narrow ? "max-w-md" : undefined}
    >
      <DraftContext value={draft}>
        {/* A click beside the dialog takes the focus away before it asks. */}
        <div className="contents" onFocusCapture={({ target }) => (field.current = target)}>
          {form({
            close: () => {
              close();
              host.close();
            },
            show: (result) => {
              close();
              host.show(result, returnTo);
            },
          })}
        </div>
      </DraftContext>
      <ConfirmDialog
        open={asks}
        onOpenChange={setAsks}
        returnTo={field}
        title="Discard your changes?"
        description="What you have entered is not saved."
        cancel="Keep editing"
        confirm="Discard"
        onConfirm={close}
      />
    </Dialog>
  );
}
