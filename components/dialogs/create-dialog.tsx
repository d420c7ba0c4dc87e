"use client";

import { Plus } from "lucide-react";
import { parseAsBoolean, useQueryState } from "nuqs";
import { type ReactNode, useRef } from "react";
import { Button } from "#components/ui/button";
import { FormDialog, type FormDialogControls } from "./form-dialog";

type Props = {
  /** "Create key" */
  label: string;
  description: string;
  form: (dialog: FormDialogControls) => ReactNode;
};

/** The button that creates something, and its dialog. The address (`?new=true`) opens it, so that pages can link to it. */
export function CreateDialog({ label, description, form }: Props) {
  const [open, setOpen] = useQueryState("new", parseAsBoolean.withDefault(false));
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Button ref={button} variant="primary" onClick={() => setOpen(true)}>
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
