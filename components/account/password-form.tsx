"use client";

import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import { TextField } from "#components/fields/text-field";
import type { changeOwnPassword } from "#lib/services/account/change-own-password";
import type { ActionOf } from "#lib/services/verb";

type Props = { change: ActionOf<typeof changeOwnPassword>; onCancel: () => void; onDone: () => void };

/** Changes one's own password, by the present one. */
export function PasswordForm({ change, onCancel, onDone }: Props) {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  return (
    <DialogForm
      submit="Change password"
      send={() => change({ current_password: current, new_password: next })}
      onSent={onDone}
      onCancel={onCancel}
    >
      <TextField
        name="current_password"
        label="Current password"
        type="password"
        autoComplete="current-password"
        value={current}
        onChange={setCurrent}
        autoFocus
      />
      <TextField
        name="new_password"
        label="New password"
        type="password"
        autoComplete="new-password"
        value={next}
        onChange={setNext}
        hint="At least 8 characters."
      />
    </DialogForm>
  );
}
