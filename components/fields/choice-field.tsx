"use client";

import type { ReactNode } from "react";
import { Field } from "#components/ui/field";
import { type Option, Select } from "#components/ui/select";
import { fieldId, useFieldError } from "./field-errors";

type Props<Value extends string> = {
  /** The input's name in the service layer. */
  name: string;
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly (Option & { value: Value })[];
  hint?: ReactNode;
  autoFocus?: boolean;
};

/** A field with a list of options. */
export function ChoiceField<Value extends string>(props: Props<Value>) {
  const { name, label, value, onChange, options, hint, autoFocus } = props;
  return (
    <Field id={fieldId(name)} label={label} error={useFieldError(name)} hint={hint}>
      {(wiring) => (
        <Select
          {...wiring}
          autoFocus={autoFocus}
          value={value}
          onValueChange={(next) => {
            const chosen = options.find((option) => option.value === next);
            if (chosen !== undefined) onChange(chosen.value);
          }}
          options={options}
        />
      )}
    </Field>
  );
}
