"use client";

import { Plus } from "lucide-react";
import { parseAsBoolean, useQueryState } from "nuqs";
import { type ReactNode, useRef } from "react";
import { Button } from "#components/ui/button";
import { FormDialog, type FormDialogControls } from "./form-dialog";

/** Where the button is, on a page that is about something else. */
export type CreatePlace = {
  /** Which of several on the page, in the address. Default: "new". */
  at?: string;
  isSecondary?: boolean;
};

type Props = CreatePlace & {
  /** "Create key" */
  label: string;
  description: string;
  form: (dialog: FormDialogControls) => ReactNode;
};

/** The button that creates something, and its dialog. The address (`?new=true`) opens it, so that pages can link to it. */
export function CreateDialog({ label, description, at = "new", isSecondary = false, form }: Props) {
  const [open, setOpen] = useQueryState(at, parseAsBoolean.withDefault(false));
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Button
        ref={button}
        {...(isSecondary ? { size: "sm" } : { variant: "primary" })}
        onClick={() => setOpen(true)}
      >
        <Plus aria-hidden="true" />
        {label}
      </Button>
      <FormDialog
        open={open}
        onOpenChange={setOpen}
        returnTo={button}
        title={label}
        description={description}
        form={form}
      />
    </>
  );
}
