"use client";

import type { ComponentProps, ReactNode } from "react";
import { Field } from "#components/ui/field";
import { Input } from "#components/ui/input";
import { fieldId, useFieldError } from "./field-errors";

type Props = Omit<ComponentProps<"input">, "name" | "value" | "onChange" | "id"> & {
  /** The input's name in the service layer. */
  name: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: ReactNode;
  aside?: ReactNode;
};

/** A field with one line of text. */
export function TextField({ name, label, value, onChange, hint, aside, ...input }: Props) {
  return (
    <Field id={fieldId(name)} label={label} error={useFieldError(name)} hint={hint} aside={aside}>
      {(wiring) => (
        <Input
          autoComplete="off"
          data-1p-ignore
          {...wiring}
          {...input}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
