"use client";

import { TextField } from "./text-field";

/** The items of a comma-separated list, without empty ones. */
export const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

type Props = { value: string; onChange: (value: string) => void };

export const TagsField = (props: Props) => (
  <TextField
    name="tags"
    label="Tags"
    aside="optional"
    hint="Separated by commas. Added to every request of the key."
    {...props}
  />
);

export const AddressesField = (props: Props) => (
  <TextField
    name="allowed_ips"
    label="Allowed IP addresses"
    aside="optional"
    hint="Addresses and ranges, separated by commas. Leave empty to allow any."
    placeholder="203.0.113.7, 10.0.0.0/8"
    className="font-mono text-xs"
    {...props}
  />
);
