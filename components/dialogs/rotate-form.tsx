"use client";

import { useState } from "react";
import { ChoiceField } from "#components/fields/choice-field";
import { Callout } from "#components/ui/callout";
import type { ActionResult } from "#lib/http/action-result";
import { DialogForm } from "./dialog-form";

export type Rotation = { id: string; grace_seconds: number };

type Props<Rotated> = {
  id: string;
  /** What is rotated: "key". */
  noun: string;
  /** Whether the one before the last rotation works still. */
  graceRuns: boolean;
  rotate: (input: Rotation) => Promise<ActionResult<Rotated>>;
  onCancel: () => void;
  onRotated: (rotated: Rotated) => void;
};

const GRACES = [
  { value: "0", label: "At once" },
  { value: "3600", label: "After an hour" },
  { value: "86400", label: "After a day" },
  { value: "604800", label: "After 7 days" },
  { value: "2592000", label: "After 30 days" },
];

export function RotateForm<Rotated>({ id, noun, graceRuns, rotate, onCancel, onRotated }: Props<Rotated>) {
  const [grace, setGrace] = useState("86400");
  return (
    <DialogForm
      submit={`Rotate ${noun}`}
      send={() => rotate({ id, grace_seconds: Number(grace) })}
      onSent={onRotated}
      onCancel={onCancel}
    >
      {(fields) => (
        <>
          {graceRuns ? (
            <Callout tone="wait">
              The {noun} before this one still works. It ends now: only the last one gets a grace.
            </Callout>
          ) : null}
          <ChoiceField
            name="grace_seconds"
            label={`The old ${noun} ends`}
            value={grace}
            onChange={setGrace}
            options={GRACES}
            fields={fields}
            hint="Until then both work. Limits, owner and usage stay the same."
          />
        </>
      )}
    </DialogForm>
  );
}
