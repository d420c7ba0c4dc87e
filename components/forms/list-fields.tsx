"use client";

import { Field } from "#components/ui/field";
import { Input } from "#components/ui/input";
import type { FieldErrors } from "#lib/http/errors";
import { fieldError } from "./field-errors";

/** What stands between commas, without what is empty. */
export const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

type Props = { value: string; onChange: (value: string) => void; fields: FieldErrors };

export function TagsField({ value, onChange, fields }: Props) {
  return (
    <Field
      id="key-tags"
      label="Tags"
      aside="optional"
      error={fieldError(fields, "tags")}
      hint="Separated by commas. Every request of the key is marked with them."
    >
      {(wiring) => (
        <Input
          {...wiring}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          autoComplete="off"
        />
      )}
    </Field>
  );
}

export function AddressesField({ value, onChange, fields }: Props) {
  return (
    <Field
      id="key-allowed_ips"
      label="Allowed addresses"
      aside="optional"
      error={fieldError(fields, "allowed_ips")}
      hint="IP addresses and ranges that requests may come from, separated by commas. Empty: any."
    >
      {(wiring) => (
        <Input
          {...wiring}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          placeholder="203.0.113.7, 10.0.0.0/8"
          autoComplete="off"
          className="font-mono text-xs"
        />
      )}
    </Field>
  );
}
