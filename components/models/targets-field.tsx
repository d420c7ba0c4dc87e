"use client";

import { ArrowUp } from "lucide-react";
import { fieldId, useFieldError, useFieldErrors } from "#components/fields/field-errors";
import { nextRow, RemoveRow, RowsField, rowEdits, rowWiring } from "#components/fields/rows-field";
import { Button } from "#components/ui/button";
import { Input } from "#components/ui/input";
import { Select } from "#components/ui/select";
import type { createModel } from "#lib/services/models/create-model";
import type { ModelTarget } from "#lib/services/models/model";
import type { InputOf } from "#lib/services/verb";

type Target = InputOf<typeof createModel>["targets"][number];

/** The targets as typed, in the order in which they are tried. `other` are settings that the form does not show. */
export type TargetsDraft = readonly {
  row: number;
  providerId: string;
  upstreamModel: string;
  weight: string;
  other: Partial<Target>;
}[];

export const newTarget = (
  before: TargetsDraft,
  providerId: string,
  upstreamModel = "",
): TargetsDraft[number] => ({ row: nextRow(before), providerId, upstreamModel, weight: "1", other: {} });

export const targetsDraft = (targets: readonly ModelTarget[]): TargetsDraft =>
  targets.map(
    (
      {
        provider_id,
        upstream_model,
        weight,
        provider_name: _,
        price: __,
        price_source: ___,
        price_version_id: ____,
        ...other
      },
      row,
    ) => ({ row, providerId: provider_id, upstreamModel: upstream_model, weight: `${weight}`, other }),
  );

/** A target that another model is typed for: a context window is that of the one before. */
export const movedTarget = (
  { other }: TargetsDraft[number],
  part: Partial<Pick<TargetsDraft[number], "providerId" | "upstreamModel">>,
): Partial<TargetsDraft[number]> => ({ ...part, other: { ...other, context_window: null } });

/** The targets that are typed: their places are their priorities. */
export const targetsFrom = (draft: TargetsDraft): Target[] =>
  draft.map(({ providerId, upstreamModel, weight, other }, place) => ({
    ...other,
    provider_id: providerId,
    upstream_model: upstreamModel,
    priority: place,
    weight: weight.trim() === "" ? Number.NaN : Number(weight),
  }));

type Props = {
  providers: readonly { id: string; name: string }[];
  isWeighted: boolean;
  value: TargetsDraft;
  onChange: (value: TargetsDraft) => void;
};

/** Where a model is served: a row for each provider and its name for the model. */
export function TargetsField({ providers, isWeighted, value, onChange }: Props) {
  const error = useFieldError("targets");
  const { change, remove } = rowEdits(value, onChange);
  const moveUp = (place: number) =>
    onChange(
      value.flatMap((each, at) => {
        const previous = value[place - 1];
        if (at === place - 1) return value[place] ?? [];
        return at === place && previous ? previous : each;
      }),
    );
  return (
    <RowsField
      name="targets"
      legend="Targets"
      error={error}
      hint="A provider and its name for the model. The first is tried first."
      addLabel="Add target"
      onAdd={() => onChange([...value, newTarget(value, providers[0]?.id ?? "")])}
    >
      {value.map((target, place) => (
        <TargetRow
          key={target.row}
          target={target}
          place={place}
          providers={providers}
          isWeighted={isWeighted}
          onChange={(part) => change(target.row, part)}
          onMoveUp={place > 0 ? () => moveUp(place) : undefined}
          onRemove={value.length > 1 ? () => remove(target.row) : undefined}
        />
      ))}
    </RowsField>
  );
}

type RowProps = Pick<Props, "providers" | "isWeighted"> & {
  target: TargetsDraft[number];
  /** From 0 on. */
  place: number;
  onChange: (part: Partial<TargetsDraft[number]>) => void;
  /** undefined for the first one */
  onMoveUp: (() => void) | undefined;
  /** undefined for the only one */
  onRemove: (() => void) | undefined;
};

function TargetRow({ target, place, providers, isWeighted, onChange, onMoveUp, onRemove }: RowProps) {
  const errors = useFieldErrors();
  const wiring = (field: string) => {
    const path = `targets.${place}.${field}`;
    return { id: fieldId(path), ...rowWiring("targets", errors[path] !== undefined) };
  };
  return (
    <div className="flex flex-wrap gap-2 max-sm:pb-2">
      <Select
        aria-label={`Provider ${place + 1}`}
        {...wiring("provider_id")}
        value={target.providerId}
        onValueChange={(providerId) => onChange(movedTarget(target, { providerId }))}
        options={providers.map(({ id, name }) => ({ value: id, label: name }))}
        placeholder="Provider"
        className="min-w-0 grow basis-36"
      />
      <div className="flex min-w-0 grow-2 basis-56 items-center gap-2">
        <Input
          aria-label={`Upstream model ${place + 1}`}
          {...wiring("upstream_model")}
          value={target.upstreamModel}
          onChange={(event) => onChange(movedTarget(target, { upstreamModel: event.target.value }))}
          placeholder="gpt-5-mini"
          autoComplete="off"
          className="min-w-0 flex-1 font-mono text-xs"
        />
        {isWeighted ? (
          <Input
            aria-label={`Weight ${place + 1}`}
            {...wiring("weight")}
            value={target.weight}
            onChange={(event) => onChange({ weight: event.target.value })}
            inputMode="numeric"
            className="w-16"
          />
        ) : null}
        {onMoveUp ? (
          <Button variant="ghost" size="icon" aria-label={`Move target ${place + 1} up`} onClick={onMoveUp}>
            <ArrowUp aria-hidden />
          </Button>
        ) : null}
        {onRemove ? <RemoveRow label={`Remove target ${place + 1}`} onClick={onRemove} /> : null}
      </div>
    </div>
  );
}
