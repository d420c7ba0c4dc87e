"use client";

import { KeyRound, Pencil } from "lucide-react";
import { useState } from "react";
import { ActionsMenu, type MenuAction } from "#components/dialogs/actions-menu";
import { DialogForm } from "#components/dialogs/dialog-form";
import { NameField } from "#components/fields/entity-fields";
import type { changeOwnName } from "#lib/services/account/change-own-name";
import type { changeOwnPassword } from "#lib/services/account/change-own-password";
import type { ActionOf } from "#lib/services/verb";
import { PasswordForm } from "./password-form";

type Props = {
  name: string;
  /** Without one they sign in by single sign-on. */
  hasPassword: boolean;
  actions: { changeName: ActionOf<typeof changeOwnName>; changePassword: ActionOf<typeof changeOwnPassword> };
};

/** What people change of their own account. */
export function AccountActions({ name, hasPassword, actions }: Props) {
  const rename: MenuAction = {
    label: "Edit name",
    icon: Pencil,
    title: "Edit your name",
    description: "Other people in your organization see it.",
    narrow: true,
    form: ({ close, done }) => (
      <OwnNameForm
        name={name}
        change={actions.changeName}
        onCancel={close}
        onDone={() => done("Name changed.")}
      />
    ),
  };
  const password: MenuAction = {
    label: "Change password",
    icon: KeyRound,
    title: "Change your password",
    description: "Your other sessions are signed out.",
    narrow: true,
    form: ({ close, done }) => (
      <PasswordForm
        change={actions.changePassword}
        onCancel={close}
        onDone={() => done("Password changed.")}
      />
    ),
  };
  return (
    <>
      <ActionsMenu name="your name" actions={[rename]} />
      {hasPassword ? <ActionsMenu name="your password" actions={[password]} /> : null}
    </>
  );
}

type FormProps = {
  name: string;
  change: ActionOf<typeof changeOwnName>;
  onCancel: () => void;
  onDone: () => void;
};

function OwnNameForm({ name: before, change, onCancel, onDone }: FormProps) {
  const [name, setName] = useState(before);
  return (
    <DialogForm submit="Save" send={() => change({ name })} onSent={onDone} onCancel={onCancel}>
      <NameField value={name} onChange={setName} autoFocus />
    </DialogForm>
  );
}
