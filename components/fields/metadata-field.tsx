"use client";

import { Plus, X } from "lucide-react";
import { Button } from "#components/ui/button";
import { Input } from "#components/ui/input";
import type { Metadata } from "#lib/services/metadata";
import { fieldId, useFieldError } from "./field-errors";

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
  const id = fieldId("metadata");
  const error = useFieldError("metadata");
  const change = (row: number, part: { name?: string; value?: string }) =>
    onChange(value.map((pair) => (pair.row === row ? { ...pair, ...part } : pair)));
  const add = () =>
    onChange([...value, { row: Math.max(-1, ...value.map(({ row }) => row)) + 1, name: "", value: "" }]);
  return (
    <fieldset aria-describedby={`${id}-hint`} className="flex flex-col gap-1.5">
      <legend className="mb-1.5 font-medium text-ink text-sm">Metadata</legend>
      {value.map(({ row, name, value: text }, place) => (
        <div key={row} className="flex gap-2">
          <Input
            id={place === 0 ? id : `${id}-${row}`}
            aria-label={`Name ${place + 1}`}
            aria-invalid={error ? true : undefined}
            aria-describedby={error ? `${id}-error` : undefined}
            value={name}
            onChange={(event) => change(row, { name: event.target.value })}
            placeholder="team"
            maxLength={40}
            autoComplete="off"
            data-1p-ignore
            className="min-w-0 flex-2"
          />
          <Input
            id={`${id}-${row}-value`}
            aria-label={`Value ${place + 1}`}
            value={text}
            onChange={(event) => change(row, { value: event.target.value })}
            placeholder="search"
            maxLength={500}
            autoComplete="off"
            data-1p-ignore
            className="min-w-0 flex-3"
          />
          <Button
            variant="ghost"
            size="icon"
            aria-label={`Remove ${name || `pair ${place + 1}`}`}
            onClick={() => onChange(value.filter((pair) => pair.row !== row))}
          >
            <X aria-hidden />
          </Button>
        </div>
      ))}
      {error ? (
        <p id={`${id}-error`} className="text-danger text-xs">
          {error}
        </p>
      ) : null}
      <Button size="sm" className="self-start" onClick={add}>
        <Plus aria-hidden />
        Add pair
      </Button>
      <p id={`${id}-hint`} className="text-ink-3 text-xs">
        {HINTS[noun]}
      </p>
    </fieldset>
  );
}

const HINTS = {
  organization:
    "On each of its requests, for reports such as spending by team. Users, keys and apps can override a pair.",
  user: "On each request of the user’s keys, for reports such as spending by team. A key can override a pair.",
  key: "On each of its requests, for reports such as spending by team. Overrides the user’s and the organization’s.",
  app: "On each of its requests, for reports such as spending by team. Overrides the user’s and the organization’s.",
} as const;
