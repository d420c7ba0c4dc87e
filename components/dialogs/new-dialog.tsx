"use client";

import { Plus } from "lucide-react";
import { parseAsBoolean, useQueryState } from "nuqs";
import { type ReactNode, useState } from "react";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";

type Props<Made> = {
  /** "New key" */
  label: string;
  description: string;
  form: (on: { cancel: () => void; made: (made: Made) => void }) => ReactNode;
  /** What is shown of the new thing, this one time; without it the dialog closes. */
  shown?: (made: Made) => { title: string; description: string; body: (done: () => void) => ReactNode };
  onMade?: (made: Made) => void;
};

/**
 * The button for something new and its dialog: first the form, then what is to be seen this one time. That
 * it is open is in the address (`?new=true`), so that other pages can link to it.
 */
export function NewDialog<Made>({ label, description, form, shown, onMade }: Props<Made>) {
  const [open, setOpen] = useQueryState("new", parseAsBoolean.withDefault(false));
  const [made, setMade] = useState<Made | null>(null);
  const change = (next: boolean) => {
    setOpen(next);
    if (next) setMade(null);
  };
  const close = () => change(false);
  const result = made !== null && shown ? shown(made) : null;
  return (
    <>
      <Button variant="primary" onClick={() => change(true)}>
        <Plus aria-hidden="true" />
        {label}
      </Button>
      <Dialog
        open={open}
        onOpenChange={change}
        title={result?.title ?? label}
        description={result?.description ?? description}
        dismissable={result === null}
        className={result ? "max-w-xl" : undefined}
      >
        {result
          ? result.body(close)
          : form({
              cancel: close,
              made: (next) => {
                if (shown) setMade(next);
                else close();
                onMade?.(next);
              },
            })}
      </Dialog>
    </>
  );
}
