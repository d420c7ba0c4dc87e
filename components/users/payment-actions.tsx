"use client";

import { CalendarPlus, RefreshCw } from "lucide-react";
import { useState, useTransition } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { useToast } from "#components/ui/toast";
import type { ActionResult } from "#lib/http/action-result";
import type { SyncedUser } from "#lib/services/users/sync-expiry";
import type { User } from "#lib/services/users/user";
import { PaymentField } from "./payment-field";

type Props = {
  user: User;
  extend: (input: { id: string; payment_valid_until: string | null }) => Promise<ActionResult<User>>;
  sync: (input: { id: string }) => Promise<ActionResult<SyncedUser>>;
};

/** What can be done about somebody's payment. */
export function PaymentActions({ user, extend, sync }: Props) {
  const [open, setOpen] = useState(false);
  const [validUntil, setValidUntil] = useState("");
  const [pending, startTransition] = useTransition();
  const toast = useToast();
  const called = user.name ?? user.email;
  return (
    <div className="flex gap-2">
      <Button
        size="sm"
        pending={pending}
        onClick={() =>
          startTransition(async () => {
            const result = await sync({ id: user.id });
            toast(result.ok ? synced(result.data) : result.error.message);
          })
        }
      >
        {pending ? null : <RefreshCw aria-hidden="true" />}
        Sync
      </Button>
      <Button
        size="sm"
        onClick={() => {
          setValidUntil(user.payment_valid_until ?? "");
          setOpen(true);
        }}
      >
        <CalendarPlus aria-hidden="true" />
        Extend
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Payment of “${called}”`}
        description="It counts from the next request on."
      >
        <DialogForm
          submit="Save"
          send={() => extend({ id: user.id, payment_valid_until: validUntil || null })}
          onSent={() => {
            setOpen(false);
            toast(`The payment of “${called}” is saved.`);
          }}
          onCancel={() => setOpen(false)}
        >
          {(fields) => <PaymentField value={validUntil} onChange={setValidUntil} fields={fields} />}
        </DialogForm>
      </Dialog>
    </div>
  );
}

function synced({ payment_status: status, payment_valid_until: until }: SyncedUser): string {
  if (status === "none") return "Synced: no date is kept.";
  return status === "expired"
    ? `Synced: expired. The last valid day was ${until}.`
    : `Synced: active until ${until}.`;
}
