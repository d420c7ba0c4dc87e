"use client";

import { type FormEvent, useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Callout } from "#components/ui/callout";
import { DialogBody, DialogFooter } from "#components/ui/dialog";
import { Field } from "#components/ui/field";
import { Select } from "#components/ui/select";
import type { ActionResult } from "#lib/http/action-result";
import type { Key, NewKey } from "#lib/services/keys/key";

export type Rotation = { id: string; grace_seconds: number };

type Props = {
  apiKey: Key;
  rotate: (input: Rotation) => Promise<ActionResult<NewKey>>;
  onCancel: () => void;
  onRotated: (key: NewKey) => void;
};

const GRACES = [
  { value: "0", label: "At once" },
  { value: "3600", label: "After an hour" },
  { value: "86400", label: "After a day" },
  { value: "604800", label: "After 7 days" },
  { value: "2592000", label: "After 30 days" },
];

export function RotateKeyForm({ apiKey, rotate, onCancel, onRotated }: Props) {
  const [grace, setGrace] = useState("86400");
  const [error, setError] = useState<string>();
  const [pending, startTransition] = useTransition();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    startTransition(async () => {
      const result = await rotate({ id: apiKey.id, grace_seconds: Number(grace) });
      if (result.ok) onRotated(result.data);
      else setError(result.error.message);
    });
  };
  return (
    <form onSubmit={submit} className="flex min-h-0 flex-1 flex-col">
      <DialogBody className="flex flex-col gap-5">
        {error ? <Callout tone="danger">{error}</Callout> : null}
        {apiKey.previous_key_expires_at ? (
          <Callout tone="wait">
            The key before this one still works. It ends now: only the last one gets a grace.
          </Callout>
        ) : null}
        <Field
          id="key-grace_seconds"
          label="The old key ends"
          hint="Until then both work. Its limits, owner and usage stay the same."
        >
          {(wiring) => <Select {...wiring} value={grace} onValueChange={setGrace} options={GRACES} />}
        </Field>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onCancel} disabled={pending}>
          Cancel
        </Button>
        <Button type="submit" variant="primary" pending={pending}>
          Rotate key
        </Button>
      </DialogFooter>
    </form>
  );
}
