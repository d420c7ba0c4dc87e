"use client";

import type { FieldErrors } from "#lib/http/errors";
import { TextField } from "./text-field";

/** What stands between commas, without what is empty. */
export const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

type Props = { value: string; onChange: (value: string) => void; fields: FieldErrors };

export const TagsField = (props: Props) => (
  <TextField
    name="tags"
    label="Tags"
    aside="optional"
    hint="Separated by commas. Every request of the key is marked with them."
    {...props}
  />
);

export const AddressesField = (props: Props) => (
  <TextField
    name="allowed_ips"
    label="Allowed addresses"
    aside="optional"
    hint="IP addresses and ranges that requests may come from, separated by commas. Empty: any."
    placeholder="203.0.113.7, 10.0.0.0/8"
    className="font-mono text-xs"
    {...props}
  />
);
