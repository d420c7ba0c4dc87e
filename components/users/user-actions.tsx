"use client";

import { MailPlus, RotateCcw } from "lucide-react";
import { ActionsMenu, deleteAction, editAction, type MenuAction } from "#components/dialogs/actions-menu";
import { creditActions } from "#components/dialogs/credit-form";
import { SecretPanel } from "#components/dialogs/secret-panel";
import type { UserFormOptions } from "#lib/portal/users/user-form-options";
import type { createAdjustment } from "#lib/services/adjustments/create-adjustment";
import type { deleteUser } from "#lib/services/users/delete-user";
import type { inviteUser } from "#lib/services/users/invite-user";
import type { resetUsage } from "#lib/services/users/reset-usage";
import type { updateUser } from "#lib/services/users/update-user";
import type { User } from "#lib/services/users/user";
import { userTitle } from "#lib/services/users/user-title";
import type { ActionOf } from "#lib/services/verb";
import { InviteForm } from "./invite-form";
import { ResetUsageForm } from "./reset-usage-form";
import { UserForm } from "./user-form";

type Props = {
  user: User;
  options: UserFormOptions;
  /** Users cannot delete themselves. */
  isSelf: boolean;
  actions: {
    /** Null for those who may not. */
    adjust: ActionOf<typeof createAdjustment> | null;
    update: ActionOf<typeof updateUser>;
    invite: ActionOf<typeof inviteUser>;
    reset: ActionOf<typeof resetUsage>;
    remove: ActionOf<typeof deleteUser>;
  };
};

/** The actions on a user, for readers who may manage them. */
export function UserActions({ user, options, isSelf, actions }: Props) {
  const { id } = user;
  const name = userTitle(user);
  const edit = editAction(name, ({ close, done }) => (
    <UserForm
      user={user}
      options={options}
      send={(draft) => actions.update({ ...draft, id })}
      onCancel={close}
      onSaved={() => done("User updated.")}
    />
  ));
  const invite: MenuAction = {
    label: "Invite",
    icon: MailPlus,
    title: `Invite “${name}”`,
    description: "With the link they set a password, or join with the account they have.",
    narrow: true,
    form: ({ close, show }) => (
      <InviteForm
        id={id}
        invite={actions.invite}
        onCancel={close}
        onInvited={({ url, mailed }) =>
          show({
            title: "Invite created",
            description: `${mailed ? "This link is mailed to" : "Send this link to"} ${user.email}. It works once, within 72 hours.`,
            body: (
              <SecretPanel secret={url} noun="invite link" onDone={close}>
                {null}
              </SecretPanel>
            ),
          })
        }
      />
    ),
  };
  const reset: MenuAction = {
    label: "Reset usage",
    icon: RotateCcw,
    title: `Reset the usage of “${name}”?`,
    description:
      "An adjustment in the ledger takes back what the user has spent in the current period. Credit stays. The organization’s budget and the reports do not change.",
    narrow: true,
    form: ({ close, done }) => (
      <ResetUsageForm id={id} reset={actions.reset} onCancel={close} onDone={() => done("Usage reset.")} />
    ),
  };
  const remove = deleteAction("user", {
    name,
    description:
      "Their keys are deleted, too, and rejected immediately. Their past usage stays in the ledger. This cannot be undone.",
    run: () => actions.remove({ id }),
    leaveTo: "/users",
  });
  return (
    <ActionsMenu
      name={name}
      actions={[
        user.has_account || user.email === null ? edit : invite,
        ...(user.has_account || user.email === null ? [] : [edit]),
        ...(user.budget && user.organization_id !== null && actions.adjust
          ? creditActions(name, { user_id: id }, actions.adjust)
          : []),
        ...(user.organization_id === null ? [] : [reset]),
        ...(isSelf ? [] : [remove]),
      ]}
    />
  );
}
