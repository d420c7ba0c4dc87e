"use client";

import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import { TextField } from "#components/fields/text-field";
import type { ActionResult } from "#lib/http/action-result";

type Props = {
  id: string;
  reset: (input: { id: string; reason?: string }) => Promise<ActionResult<unknown>>;
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
      {(fields) => (
        <TextField
          name="reason"
          label="Reason"
          aside="optional"
          value={reason}
          onChange={setReason}
          fields={fields}
          hint="It stands in the ledger and in the audit log."
          maxLength={500}
          autoFocus
        />
      )}
    </DialogForm>
  );
}
