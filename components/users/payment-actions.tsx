"use client";

import { CalendarPlus, RefreshCw } from "lucide-react";
import { ActionButton } from "#components/dialogs/action-button";
import { ActionsMenu } from "#components/dialogs/actions-menu";
import type { SyncedUser, syncExpiry } from "#lib/services/users/sync-expiry";
import type { updateUser } from "#lib/services/users/update-user";
import type { User } from "#lib/services/users/user";
import { userTitle } from "#lib/services/users/user-title";
import type { ActionOf } from "#lib/services/verb";
import { PaymentForm } from "./payment-form";

type Props = { user: User; update: ActionOf<typeof updateUser>; sync: ActionOf<typeof syncExpiry> };

/** The actions on a user's payment. */
export function PaymentActions({ user, update, sync }: Props) {
  const name = userTitle(user);
  return (
    <div className="flex gap-2">
      <ActionButton size="sm" icon={RefreshCw} run={() => sync({ id: user.id })} toast={syncedText}>
        Sync
      </ActionButton>
      <ActionsMenu
        name={name}
        size="sm"
        actions={[
          {
            label: "Extend",
            icon: CalendarPlus,
            title: `Payment of “${name}”`,
            description: "Takes effect on the next request.",
            form: ({ close, done }) => (
              <PaymentForm
                user={user}
                update={update}
                onCancel={close}
                onSaved={() => done("Payment updated.")}
              />
            ),
          },
        ]}
      />
    </div>
  );
}

function syncedText({ payment_status: status, payment_valid_until: until }: SyncedUser): string {
  if (status === "none") return "Synced: no expiry date set.";
  return status === "expired" ? `Synced: expired on ${until}.` : `Synced: active until ${until}.`;
}
