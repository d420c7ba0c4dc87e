"use client";

import { useState } from "react";
import { ChoiceField } from "#components/fields/choice-field";
import { Callout } from "#components/ui/callout";
import type { ActionResult } from "#lib/http/action-result";
import { DialogForm } from "./dialog-form";

type Props<Rotated> = {
  id: string;
  /** What is rotated: "key". */
  noun: string;
  /** Whether the secret before the last rotation is still valid. */
  inGrace: boolean;
  rotate: (input: { id: string; grace_seconds: number }) => Promise<ActionResult<Rotated>>;
  onCancel: () => void;
  onRotated: (rotated: Rotated) => void;
};

const GRACES = [
  { value: "0", label: "Immediately" },
  { value: "3600", label: "In 1 hour" },
  { value: "86400", label: "In 1 day" },
  { value: "604800", label: "In 7 days" },
  { value: "2592000", label: "In 30 days" },
];

export function RotateForm<Rotated>({ id, noun, inGrace, rotate, onCancel, onRotated }: Props<Rotated>) {
  const [grace, setGrace] = useState("86400");
  return (
    <DialogForm
      submit={`Rotate ${noun}`}
      send={() => rotate({ id, grace_seconds: Number(grace) })}
      onSent={onRotated}
      onCancel={onCancel}
    >
      {inGrace ? (
        <Callout tone="wait">
          The {noun} from before the last rotation still works. Rotating again ends it immediately.
        </Callout>
      ) : null}
      <ChoiceField
        name="grace_seconds"
        label={`Old ${noun} expires`}
        value={grace}
        onChange={setGrace}
        options={GRACES}
        hint="Both work until then. Limits, owner and usage stay the same."
      />
    </DialogForm>
  );
}
