"use client";

import { cn } from "#components/ui/cn";
import { type Option, Select } from "#components/ui/select";

/** The choice of no value; Radix does not allow an empty one. */
export const ANY = "any";

/** The look of a filter's control. */
export const filterClasses = (value: string | null) =>
  cn(
    "h-8 w-full bg-raised px-2.5 text-ink-2 sm:w-auto sm:max-w-52",
    value !== null && "border-accent text-ink",
  );

type Props = {
  label: string;
  /** The label of no choice: "Any status". */
  anyLabel: string;
  options: readonly Option[];
  value: string | null;
  onChange: (value: string | null) => void;
};

/** A filter of a list. It shows the address's value even if that is not an option. */
export function FilterSelect({ label, anyLabel, options, value, onChange }: Props) {
  const isKnown = value === null || options.some((option) => option.value === value);
  return (
    <Select
      aria-label={label}
      value={value ?? ANY}
      onValueChange={(next) => onChange(next === ANY ? null : next)}
      options={[
        { value: ANY, label: anyLabel },
        ...options,
        ...(isKnown ? [] : [{ value: value, label: value }]),
      ]}
      className={filterClasses(value)}
    />
  );
}
