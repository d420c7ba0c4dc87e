"use client";

import { Checkbox } from "#components/ui/checkbox";
import { fieldId, useFieldError } from "./field-errors";

type Props<Value extends string> = {
  /** The input's name in the service layer. */
  name: string;
  label: string;
  options: readonly { value: Value; label: string }[];
  value: readonly Value[];
  onChange: (value: Value[]) => void;
  /** Shown without options. */
  empty?: string;
  hint?: string;
  /** Whether the label is shown, rather than only spoken. */
  isLabelled?: boolean;
};

/** A list of which any number can be chosen. */
export function ChecksField<Value extends string>(props: Props<Value>) {
  const { name, label, options, value, onChange, empty, hint, isLabelled = false } = props;
  const id = fieldId(name);
  const error = useFieldError(name);
  return (
    <div className="flex flex-col gap-1.5">
      {isLabelled ? (
        <span id={`${id}-label`} className="font-medium text-ink text-sm">
          {label}
        </span>
      ) : null}
      <fieldset
        id={id}
        {...(isLabelled ? { "aria-labelledby": `${id}-label` } : { "aria-label": label })}
        aria-describedby={error ? `${id}-error` : undefined}
        className="max-h-44 overflow-y-auto rounded-md border border-line-strong p-1"
      >
        {options.length === 0 ? <p className="px-2 py-1.5 text-ink-3 text-sm">{empty}</p> : null}
        {options.map((option) => (
          <Checkbox
            key={option.value}
            label={option.label}
            checked={value.includes(option.value)}
            onCheckedChange={(checked) =>
              onChange(
                checked === true ? [...value, option.value] : value.filter((other) => other !== option.value),
              )
            }
          />
        ))}
      </fieldset>
      {error ? (
        <p id={`${id}-error`} className="text-danger text-xs">
          {error}
        </p>
      ) : hint ? (
        <p className="text-ink-3 text-xs">{hint}</p>
      ) : null}
    </div>
  );
}
