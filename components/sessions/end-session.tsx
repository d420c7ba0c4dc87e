"use client";

import { LogOut } from "lucide-react";
import { ActionsMenu } from "#components/dialogs/actions-menu";
import type { endSession } from "#lib/services/sessions/end-sessions";
import type { ActionOf } from "#lib/services/verb";

type Props = { userId: string; sessionId: string; device: string; end: ActionOf<typeof endSession> };

/** The button that ends one session. */
export const EndSession = ({ userId, sessionId, device, end }: Props) => (
  <ActionsMenu
    name={device}
    inRow
    actions={[
      {
        label: "End",
        icon: LogOut,
        danger: true,
        title: `End the session of ${device}?`,
        description: "It is signed out on its next request.",
        confirm: "End session",
        run: () => end({ id: userId, session_id: sessionId }),
        toast: "Session ended.",
      },
    ]}
  />
);
