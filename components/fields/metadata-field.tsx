"use client";

import { Input } from "#components/ui/input";
import type { Metadata } from "#lib/services/metadata";
import { fieldId, useFieldError } from "./field-errors";
import { nextRow, RemoveRow, RowsField, rowEdits, rowWiring } from "./rows-field";

/** The pairs as typed; `row` tells them apart while they are edited. */
export type MetadataDraft = readonly { row: number; name: string; value: string }[];

export const metadataDraft = (metadata: Metadata): MetadataDraft =>
  Object.entries(metadata)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, value], row) => ({ row, name, value }));

/** The pairs that are typed. Of a name that is there twice, the last one counts. */
export const metadataFrom = (draft: MetadataDraft): Record<string, string> =>
  Object.fromEntries(
    draft
      .map(({ name, value }) => [name.trim(), value.trim()] as const)
      .filter(([name, value]) => name !== "" || value !== ""),
  );

type Props = {
  /** Whose they are. */
  noun: keyof typeof HINTS;
  value: MetadataDraft;
  onChange: (value: MetadataDraft) => void;
};

export function MetadataField({ noun, value, onChange }: Props) {
  const error = useFieldError("metadata");
  const { change, remove } = rowEdits(value, onChange);
  const add = () => onChange([...value, { row: nextRow(value), name: "", value: "" }]);
  return (
    <RowsField
      name="metadata"
      legend="Metadata"
      error={error}
      hint={HINTS[noun]}
      addLabel="Add pair"
      onAdd={add}
    >
      {value.map((pair, place) => (
        <PairRow
          key={pair.row}
          pair={pair}
          place={place + 1}
          onChange={(part) => change(pair.row, part)}
          onRemove={() => remove(pair.row)}
        />
      ))}
    </RowsField>
  );
}

type RowProps = {
  pair: MetadataDraft[number];
  /** From 1 on. */
  place: number;
  onChange: (part: { name?: string; value?: string }) => void;
  onRemove: () => void;
};

function PairRow({ pair: { name, value }, place, onChange, onRemove }: RowProps) {
  // As the service names what is wrong with a pair.
  const path = `metadata.${name.trim()}`;
  const isWrong = useFieldError(path) !== undefined;
  return (
    <div className="flex gap-2">
      <Input
        id={fieldId(path)}
        aria-label={`Name ${place}`}
        {...rowWiring("metadata", isWrong)}
        value={name}
        onChange={(event) => onChange({ name: event.target.value })}
        placeholder="team"
        maxLength={40}
        autoComplete="off"
        data-1p-ignore
        className="min-w-0 flex-2"
      />
      <Input
        aria-label={`Value ${place}`}
        value={value}
        onChange={(event) => onChange({ value: event.target.value })}
        placeholder="search"
        maxLength={500}
        autoComplete="off"
        data-1p-ignore
        className="min-w-0 flex-3"
      />
      <RemoveRow label={`Remove ${name || `pair ${place}`}`} onClick={onRemove} />
    </div>
  );
}

const HINTS = {
  organization:
    "On each of its requests, for reports such as spending by team. Users, keys and apps can override a pair.",
  user: "On each request of the user’s keys, for reports such as spending by team. A key can override a pair.",
  key: "On each of its requests, for reports such as spending by team. Overrides the user’s and the organization’s.",
  app: "On each of its requests, for reports such as spending by team. Overrides the user’s and the organization’s.",
} as const;
