"use client";

import { CreateDialog, type CreatePlace } from "#components/dialogs/create-dialog";
import { showDone } from "#components/ui/toast";
import type { UserFormOptions } from "#lib/portal/users/user-form-options";
import type { createUser } from "#lib/services/users/create-user";
import type { ActionOf } from "#lib/services/verb";
import { UserForm } from "./user-form";

type Props = { options: UserFormOptions; create: ActionOf<typeof createUser>; place?: CreatePlace };

/** The button that creates a user, and its dialog. */
export function CreateUser({ options, create, place }: Props) {
  return (
    <CreateDialog
      {...place}
      label="Create user"
      description="Someone with their own API keys, or an administrator."
      form={({ close }) => (
        <UserForm
          user={null}
          options={options}
          send={create}
          onCancel={close}
          onSaved={() => {
            close();
            showDone("User created.");
          }}
        />
      )}
    />
  );
}
