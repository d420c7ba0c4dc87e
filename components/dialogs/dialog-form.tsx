"use client";

import { type FormEvent, type ReactNode, useRef, useState, useTransition } from "react";
import { FieldErrorsContext, firstWrongControl } from "#components/fields/field-errors";
import { Button } from "#components/ui/button";
import { Callout } from "#components/ui/callout";
import { DialogBody, DialogFooter } from "#components/ui/dialog";
import type { ActionResult } from "#lib/http/action-result";
import type { FieldErrors } from "#lib/http/errors";
import { useDraft } from "./draft";

type Props<T> = {
  /** The text of the submit button. */
  submit: string;
  /** The text of the other button, which leaves the form. */
  cancel?: string;
  /** Whether the action is hard to undo. */
  danger?: boolean;
  send: () => Promise<ActionResult<T>>;
  onSent: (answer: T) => void;
  onCancel: () => void;
  children: ReactNode;
};

const NONE: FieldErrors = {};

/** The form of a dialog. It shows an error at its field, or above the fields if it has none. */
export function DialogForm<T>({
  submit,
  cancel = "Cancel",
  danger = false,
  send,
  onSent,
  onCancel,
  children,
}: Props<T>) {
  const form = useRef<HTMLFormElement>(null);
  const [fields, setFields] = useState(NONE);
  const [general, setGeneral] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  useDraft(form, pending);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    startTransition(async () => {
      const result = await send();
      if (result.ok) return onSent(result.data);
      const wrong = firstWrongControl(form.current, result.error.fields);
      setFields(result.error.fields);
      // An error at a field is not repeated above the fields.
      setGeneral(wrong === null ? result.error.message : null);
      wrong?.focus();
    });
  };
  return (
    <form ref={form} onSubmit={onSubmit} noValidate className="flex min-h-0 flex-1 flex-col">
      <DialogBody className="flex flex-col gap-5">
        {general ? <Callout tone="danger">{general}</Callout> : null}
        <FieldErrorsContext value={fields}>{children}</FieldErrorsContext>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onCancel} disabled={pending}>
          {cancel}
        </Button>
        <Button type="submit" variant={danger ? "danger" : "primary"} pending={pending}>
          {submit}
        </Button>
      </DialogFooter>
    </form>
  );
}

type EntityFormProps<T> = Pick<Props<T>, "send" | "onCancel" | "children"> & {
  /** What it creates: "user". */
  noun: string;
  isNew: boolean;
  onSaved: (entity: T) => void;
};

/** The form that creates or changes an entity. */
export const EntityForm = <T,>({ noun, isNew, onSaved, ...props }: EntityFormProps<T>) => (
  <DialogForm submit={isNew ? `Create ${noun}` : "Save"} onSent={onSaved} {...props} />
);
