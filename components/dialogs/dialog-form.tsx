"use client";

import { type FormEvent, type ReactNode, useRef, useState, useTransition } from "react";
import { firstWrongControl } from "#components/fields/field-errors";
import { Button } from "#components/ui/button";
import { Callout } from "#components/ui/callout";
import { DialogBody, DialogFooter } from "#components/ui/dialog";
import type { ActionResult } from "#lib/http/action-result";
import type { FieldErrors } from "#lib/http/errors";

type Props<T> = {
  /** What the button says. */
  submit: string;
  /** Where what it does is not easily undone. */
  danger?: boolean;
  send: () => Promise<ActionResult<T>>;
  onSent: (answer: T) => void;
  onCancel: () => void;
  /** The fields, which show what is wrong with them. */
  children: (fields: FieldErrors) => ReactNode;
};

const NONE: FieldErrors = {};

/** The form of a dialog: sends, and where that was refused says why at the field, or above for want of one. */
export function DialogForm<T>({ submit, danger = false, send, onSent, onCancel, children }: Props<T>) {
  const form = useRef<HTMLFormElement>(null);
  const [fields, setFields] = useState(NONE);
  const [general, setGeneral] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    startTransition(async () => {
      const result = await send();
      if (result.ok) return onSent(result.data);
      const wrong = firstWrongControl(form.current, result.error.fields);
      setFields(result.error.fields);
      // A message that belongs to a field stands there, and not a second time above.
      setGeneral(wrong === null ? result.error.message : null);
      wrong?.focus();
    });
  };
  return (
    <form ref={form} onSubmit={onSubmit} noValidate className="flex min-h-0 flex-1 flex-col">
      <DialogBody className="flex flex-col gap-5">
        {general ? <Callout tone="danger">{general}</Callout> : null}
        {children(fields)}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onCancel} disabled={pending}>
          Cancel
        </Button>
        <Button type="submit" variant={danger ? "danger" : "primary"} pending={pending}>
          {submit}
        </Button>
      </DialogFooter>
    </form>
  );
}
