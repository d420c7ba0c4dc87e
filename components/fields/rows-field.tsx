"use client";

import { Plus, X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "#components/ui/button";
import { FieldError, FieldHint } from "#components/ui/field";
import { fieldId } from "./field-errors";

type Props = {
  /** The input's name in the service layer. */
  name: string;
  legend: string;
  error: string | undefined;
  hint: string;
  /** The label of the button that adds a row. */
  addLabel: string;
  onAdd: () => void;
  children: ReactNode;
};

/** A field of as many rows as needed. */
export function RowsField({ name, legend, error, hint, addLabel, onAdd, children }: Props) {
  const id = fieldId(name);
  return (
    <fieldset aria-describedby={`${id}-hint`} className="flex flex-col gap-1.5">
      <legend className="mb-1.5 font-medium text-ink text-sm">{legend}</legend>
      {children}
      <FieldError id={id}>{error}</FieldError>
      <Button size="sm" className="self-start" onClick={onAdd}>
        <Plus aria-hidden />
        {addLabel}
      </Button>
      <FieldHint id={id}>{hint}</FieldHint>
    </fieldset>
  );
}

/** The button that removes a row. */
export const RemoveRow = ({ label, onClick }: { label: string; onClick: () => void }) => (
  <Button variant="ghost" size="icon" aria-label={label} onClick={onClick}>
    <X aria-hidden />
  </Button>
);

/** How a control of a row tells of the field's error. */
export const rowWiring = (name: string, isWrong: boolean) => ({
  "aria-invalid": isWrong ? true : undefined,
  "aria-describedby": isWrong ? `${fieldId(name)}-error` : undefined,
});

/** How the rows of a draft are changed and removed. */
export const rowEdits = <Row extends { row: number }>(
  rows: readonly Row[],
  onChange: (rows: readonly Row[]) => void,
) => ({
  change: (row: number, part: Partial<Row>) =>
    onChange(rows.map((each) => (each.row === row ? { ...each, ...part } : each))),
  remove: (row: number) => onChange(rows.filter((each) => each.row !== row)),
});

/** A number that no row has. */
export const nextRow = (rows: readonly { row: number }[]): number =>
  Math.max(-1, ...rows.map(({ row }) => row)) + 1;
