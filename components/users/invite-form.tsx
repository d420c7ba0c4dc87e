"use client";

import { DialogForm } from "#components/dialogs/dialog-form";
import type { Invite, inviteUser } from "#lib/services/users/invite-user";
import type { ActionOf } from "#lib/services/verb";

type Props = {
  id: string;
  invite: ActionOf<typeof inviteUser>;
  onCancel: () => void;
  onInvited: (invite: Invite) => void;
};

/** Asks before a link is created, since that replaces the earlier one. */
export const InviteForm = ({ id, invite, onCancel, onInvited }: Props) => (
  <DialogForm submit="Create link" send={() => invite({ id })} onSent={onInvited} onCancel={onCancel}>
    <p className="text-ink-2 text-sm">
      You get a link to send to the person. If a mail server is configured, Tollgate mails it, too. It works
      once, within 72 hours, and replaces any earlier link.
    </p>
  </DialogForm>
);
