"use client";

import { RefreshCw } from "lucide-react";
import { ActionButton } from "#components/dialogs/action-button";
import { plural } from "#components/format/limit-words";
import type { ExpirySync, syncAllExpiry } from "#lib/services/users/sync-all-expiry";
import type { ActionOf } from "#lib/services/verb";

/** Updates the payment status of all users. */
export const SyncExpiry = ({ sync }: { sync: ActionOf<typeof syncAllExpiry> }) => (
  <ActionButton icon={RefreshCw} run={() => sync({})} toast={syncedText}>
    Sync expiry
  </ActionButton>
);

const syncedText = ({ checked, expired }: ExpirySync) =>
  `${plural(checked, "payment")} checked, ${expired === 0 ? "none" : expired} newly expired.`;
