"use client";

import { Field } from "#components/ui/field";
import { Input } from "#components/ui/input";
import { Select } from "#components/ui/select";
import type { FieldErrors } from "#lib/http/errors";
import { fieldId } from "./field-errors";

/** When something ends: never, after some days, or with a day that is chosen (`date`, YYYY-MM-DD). */
export type Expiry = { choice: string; date: string };

const CHOICES = [
  { value: "never", label: "Never" },
  { value: "7", label: "In 7 days" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
  { value: "date", label: "On a day…" },
];

const DAY_MS = 86_400_000;

/** The moment as ISO text; null for never. A chosen day is valid to its end in UTC; "" where none is chosen. */
export function expiryToIso({ choice, date }: Expiry, nowMs: number): string | null {
  if (choice === "never") return null;
  if (choice !== "date") return new Date(nowMs + Number(choice) * DAY_MS).toISOString();
  const start = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(start) ? "" : new Date(start + DAY_MS).toISOString();
}

/** The moment back as a choice: the day whose end it is, or that it lies in. */
export function isoToExpiry(iso: string | null): Expiry {
  if (iso === null) return { choice: "never", date: "" };
  return { choice: "date", date: new Date(Date.parse(iso) - 1).toISOString().slice(0, 10) };
}

/** What is wrong with it; where no day is chosen yet, that rather than the form of a time. */
const expiryError = ({ choice, date }: Expiry, fields: FieldErrors): string | undefined =>
  fields.expires_at && choice === "date" && date === "" ? "Give a date." : fields.expires_at;

type Props = { value: Expiry; onChange: (value: Expiry) => void; fields: FieldErrors };

export function ExpiryField({ value, onChange, fields }: Props) {
  const onDay = value.choice === "date";
  return (
    <Field
      id={fieldId("expires_at")}
      label="Expires"
      error={expiryError(value, fields)}
      hint={onDay ? "It works until the end of that day, in UTC." : undefined}
    >
      {(wiring) => (
        <div className="grid grid-cols-2 gap-2">
          <Select
            {...(onDay ? { "aria-label": "Expires" } : wiring)}
            value={value.choice}
            onValueChange={(choice) => onChange({ ...value, choice })}
            options={CHOICES}
            className={onDay ? undefined : "col-span-2"}
          />
          {onDay ? (
            <Input
              {...wiring}
              type="date"
              value={value.date}
              onChange={(event) => onChange({ ...value, date: event.target.value })}
            />
          ) : null}
        </div>
      )}
    </Field>
  );
}
