"use client";

import { plural } from "#components/format/limit-words";
import { Field } from "#components/ui/field";
import { Input } from "#components/ui/input";
import { Select } from "#components/ui/select";
import { fieldId, useFieldError } from "./field-errors";

/** When something expires: never, in some days, or at the end of a chosen day (`date`, YYYY-MM-DD). */
export type Expiry = { choice: string; date: string };

const NEVER = { value: "never", label: "Never" };
const ON_A_DATE = { value: "date", label: "On a date…" };
const SPANS = [
  { value: "7", label: "In 7 days" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In 1 year" },
];

/** The choices within at most so many days. Null: no limit. */
export function expiryChoices(maxDays: number | null): { value: string; label: string }[] {
  if (maxDays === null) return [NEVER, ...SPANS, ON_A_DATE];
  const latest = SPANS.find(({ value }) => Number(value) === maxDays) ?? {
    value: String(maxDays),
    label: `In ${plural(maxDays, "day")}`,
  };
  return [...SPANS.filter(({ value }) => Number(value) < maxDays), latest, ON_A_DATE];
}

/** The latest choice for a new key. */
export const latestExpiry = (maxDays: number | null): Expiry => ({
  choice: maxDays === null ? NEVER.value : String(maxDays),
  date: "",
});

const DAY_MS = 86_400_000;

/** The time in ISO format; null for never. A chosen day lasts until its end in UTC; "" if none is chosen. */
export function expiryToIso({ choice, date }: Expiry, nowMs: number): string | null {
  if (choice === "never") return null;
  if (choice !== "date") return new Date(nowMs + Number(choice) * DAY_MS).toISOString();
  const start = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(start) ? "" : new Date(start + DAY_MS).toISOString();
}

/** The choice for a time: the day that contains it, or that ends with it. */
export function isoToExpiry(iso: string | null): Expiry {
  if (iso === null) return { choice: "never", date: "" };
  return { choice: "date", date: new Date(Date.parse(iso) - 1).toISOString().slice(0, 10) };
}

/** The field's error. Without a chosen day it asks for one rather than for an ISO time. */
const expiryError = ({ choice, date }: Expiry, error: string | undefined): string | undefined =>
  error && choice === "date" && date === "" ? "Choose a date." : error;

type Props = {
  value: Expiry;
  onChange: (value: Expiry) => void;
  /** The most days until it expires, if that is limited. */
  maxDays?: number | null;
};

export function ExpiryField({ value, onChange, maxDays = null }: Props) {
  const onDay = value.choice === "date";
  return (
    <Field
      id={fieldId("expires_at")}
      label="Expires"
      error={expiryError(value, useFieldError("expires_at"))}
      hint={onDay ? "Valid until the end of that day, in UTC." : undefined}
    >
      {(wiring) => (
        <div className="grid grid-cols-2 gap-2">
          <Select
            {...(onDay ? { "aria-label": "Expires" } : wiring)}
            value={value.choice}
            onValueChange={(choice) => onChange({ ...value, choice })}
            options={expiryChoices(maxDays)}
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
