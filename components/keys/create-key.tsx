"use client";

import { NewDialog } from "#components/dialogs/new-dialog";
import type { Role } from "#lib/auth/actor";
import type { ActionResult } from "#lib/http/action-result";
import type { KeyFormOptions } from "#lib/portal/keys/key-form-options";
import type { NewKey } from "#lib/services/keys/key";
import { CreateKeyForm, type KeyDraft } from "./create-key-form";
import { CreatedKeyPanel } from "./created-key-panel";

type Props = {
  options: KeyFormOptions;
  role: Role;
  create: (input: KeyDraft) => Promise<ActionResult<NewKey>>;
};

/** The button for a new key and its dialog: first the form, then the key, this one time. */
export function CreateKey({ options, role, create }: Props) {
  return (
    <NewDialog<{ key: NewKey; model: string }>
      label="New key"
      description="A client sends it as its API key."
      form={(on) => (
        <CreateKeyForm
          options={options}
          role={role}
          create={create}
          onCancel={on.cancel}
          onCreated={(key, model) => on.made({ key, model })}
        />
      )}
      shown={({ key, model }) => ({
        title: "Key created",
        description: `“${key.name}” works from now on.`,
        body: (done) => <CreatedKeyPanel created={key} model={model} onDone={done} />,
      })}
    />
  );
}
