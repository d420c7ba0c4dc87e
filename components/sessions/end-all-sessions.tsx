"use client";

import { LogOut } from "lucide-react";
import { ActionsMenu } from "#components/dialogs/actions-menu";
import type { endAllSessions } from "#lib/services/sessions/end-sessions";
import type { ActionOf } from "#lib/services/verb";

type Props = {
  userId: string;
  /** Whether the reader's own session is one of them and stays. */
  others: boolean;
  endAll: ActionOf<typeof endAllSessions>;
};

/** The button that ends all sessions of a user, except the reader's own. */
export function EndAllSessions({ userId, others, endAll }: Props) {
  const which = others ? "all other sessions" : "all sessions";
  return (
    <ActionsMenu
      name="sessions"
      size="sm"
      actions={[
        {
          label: `End ${which}`,
          icon: LogOut,
          danger: true,
          title: `End ${which}?`,
          description: "Those devices are signed out on their next request.",
          confirm: "End sessions",
          run: () => endAll({ id: userId }),
          toast: "Sessions ended.",
        },
      ]}
    />
  );
}
