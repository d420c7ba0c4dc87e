"use client";

import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import type { updateUser } from "#lib/services/users/update-user";
import type { User } from "#lib/services/users/user";
import type { ActionOf } from "#lib/services/verb";
import { PaymentField } from "./payment-field";

type Props = {
  user: User;
  update: ActionOf<typeof updateUser>;
  onCancel: () => void;
  onSaved: () => void;
};

export function PaymentForm({ user, update, onCancel, onSaved }: Props) {
  const [validUntil, setValidUntil] = useState(user.payment_valid_until ?? "");
  return (
    <DialogForm
      submit="Save"
      send={() => update({ id: user.id, payment_valid_until: validUntil || null })}
      onSent={onSaved}
      onCancel={onCancel}
    >
      <PaymentField value={validUntil} onChange={setValidUntil} />
    </DialogForm>
  );
}
