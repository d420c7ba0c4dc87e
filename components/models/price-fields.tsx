"use client";

import { ChoiceField } from "#components/fields/choice-field";
import { useFieldError } from "#components/fields/field-errors";
import { TextField } from "#components/fields/text-field";
import type { Model } from "#lib/services/models/model";
import type { Price } from "#lib/services/prices/price";

/** A price as typed. `keep` changes nothing. */
export type PriceDraft = {
  from: "keep" | "catalogue" | "manual";
  input: string;
  output: string;
  cacheRead: string;
};

export const NO_PRICE: PriceDraft = { from: "catalogue", input: "", output: "", cacheRead: "" };

export const priceDraft = ({ price }: Pick<Model, "price">): PriceDraft => ({
  from: "keep",
  input: price?.input_per_mtok ?? "",
  output: price?.output_per_mtok ?? "",
  cacheRead: price?.cache_read_per_mtok ?? "",
});

/** The price that is typed: nothing to keep what is there, null for the catalogue's. */
export function priceFrom(draft: PriceDraft, model: Model | null): { price?: Price | null } {
  if (draft.from === "keep") return {};
  if (draft.from === "catalogue") return model === null ? {} : { price: null };
  const { cache_read_per_mtok: _, ...others } = model?.price ?? {};
  return {
    price: {
      ...others,
      input_per_mtok: draft.input.trim(),
      output_per_mtok: draft.output.trim(),
      ...(draft.cacheRead.trim() === "" ? {} : { cache_read_per_mtok: draft.cacheRead.trim() }),
    },
  };
}

const RATES = [
  { part: "input", name: "price.input_per_mtok", label: "Input (USD)", placeholder: "2.50" },
  { part: "output", name: "price.output_per_mtok", label: "Output (USD)", placeholder: "10" },
  { part: "cacheRead", name: "price.cache_read_per_mtok", label: "Cached (USD)", placeholder: "As input" },
] as const;

type Props = {
  value: PriceDraft;
  /** Whether there is a price to keep. */
  canKeep: boolean;
  onChange: (value: PriceDraft) => void;
};

/** Where the price of a model comes from, and a manual one. */
export function PriceFields({ value, canKeep, onChange }: Props) {
  const error = useFieldError("price");
  const choices = [
    ...(canKeep ? [{ value: "keep" as const, label: "As it is" }] : []),
    { value: "catalogue" as const, label: "From the catalogue" },
    { value: "manual" as const, label: "Manual" },
  ];
  return (
    <>
      <ChoiceField
        name="price"
        label="Price"
        value={value.from}
        onChange={(from) => onChange({ ...value, from })}
        options={choices}
        hint={
          error === undefined
            ? "The imported catalogue’s price, or else the built-in one’s, of each target."
            : "Choose “Manual” to enter a price."
        }
      />
      {value.from === "manual" ? (
        <div className="grid grid-cols-1 gap-3 sm:grid-cols-3">
          {RATES.map(({ part, name, label, placeholder }) => (
            <TextField
              key={part}
              name={name}
              label={label}
              value={value[part]}
              onChange={(rate) => onChange({ ...value, [part]: rate })}
              inputMode="decimal"
              placeholder={placeholder}
              hint={part === "input" ? "Per million tokens." : undefined}
            />
          ))}
        </div>
      ) : null}
    </>
  );
}
