"use client";

import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import { TextField } from "#components/fields/text-field";
import type { resetUsage } from "#lib/services/users/reset-usage";
import type { ActionOf } from "#lib/services/verb";

type Props = {
  id: string;
  reset: ActionOf<typeof resetUsage>;
  onCancel: () => void;
  onDone: () => void;
};

export function ResetUsageForm({ id, reset, onCancel, onDone }: Props) {
  const [reason, setReason] = useState("");
  return (
    <DialogForm
      submit="Reset usage"
      danger
      send={() => reset({ id, ...(reason.trim() === "" ? {} : { reason }) })}
      onSent={onDone}
      onCancel={onCancel}
    >
      <TextField
        name="reason"
        label="Reason"
        aside="optional"
        value={reason}
        onChange={setReason}
        hint="Shown in the ledger and the audit log."
        maxLength={500}
        autoFocus
      />
    </DialogForm>
  );
}
