"use client";

import { fieldId, useFieldError } from "#components/fields/field-errors";
import { dayOf, plusMonths } from "#components/format/calendar";
import { Button } from "#components/ui/button";
import { Field } from "#components/ui/field";
import { Input } from "#components/ui/input";

const PRESETS = [
  { label: "+1 month", months: 1 },
  { label: "+1 year", months: 12 },
];

const NAME = "payment_valid_until";

type Props = {
  /** A UTC day, YYYY-MM-DD; "" for none. */
  value: string;
  onChange: (value: string) => void;
};

/** The last day of a user's payment. Presets add to the day in the field, or to today if that is past. */
export function PaymentField({ value, onChange }: Props) {
  const extend = (months: number) => {
    const today = dayOf(Date.now());
    onChange(plusMonths(value > today ? value : today, months));
  };
  return (
    <Field
      id={fieldId(NAME)}
      label="Payment valid until"
      error={useFieldError(NAME)}
      hint="The last valid day, in UTC. Leave empty if payment does not expire."
    >
      {(wiring) => (
        <div className="flex flex-wrap gap-2">
          <Input
            {...wiring}
            type="date"
            className="w-auto min-w-40 flex-1"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          {PRESETS.map(({ label, months }) => (
            <Button key={label} className="h-9" onClick={() => extend(months)}>
              {label}
            </Button>
          ))}
          <Button variant="ghost" className="h-9" disabled={value === ""} onClick={() => onChange("")}>
            No date
          </Button>
        </div>
      )}
    </Field>
  );
}
