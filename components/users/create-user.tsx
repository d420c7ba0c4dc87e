"use client";

import { NewDialog } from "#components/dialogs/new-dialog";
import { useToast } from "#components/ui/toast";
import type { ActionResult } from "#lib/http/action-result";
import type { UserFormOptions } from "#lib/portal/users/user-form-options";
import type { User } from "#lib/services/users/user";
import { type UserDraft, UserForm } from "./user-form";

type Props = {
  options: UserFormOptions;
  create: (draft: UserDraft) => Promise<ActionResult<User>>;
};

export function CreateUser({ options, create }: Props) {
  const toast = useToast();
  return (
    <NewDialog<User>
      label="New user"
      description="Somebody with keys of their own, or who looks after others’."
      form={(on) => (
        <UserForm user={null} options={options} send={create} onCancel={on.cancel} onSaved={on.made} />
      )}
      onMade={({ name, email }) => toast(`“${name ?? email}” is created.`)}
    />
  );
}
