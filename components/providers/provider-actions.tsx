"use client";

import { KeyRound } from "lucide-react";
import { useState } from "react";
import { ActionsMenu, deleteAction, editAction, type MenuAction } from "#components/dialogs/actions-menu";
import { DialogForm } from "#components/dialogs/dialog-form";
import type { deleteProvider } from "#lib/services/providers/delete-provider";
import type { Provider } from "#lib/services/providers/provider";
import type { ProviderKind } from "#lib/services/providers/provider-forms";
import type { updateProvider } from "#lib/services/providers/update-provider";
import type { ActionOf } from "#lib/services/verb";
import { CredentialFields, NO_CREDENTIALS, valuesFrom } from "./credential-fields";
import { EditProviderForm } from "./edit-provider-form";

type Props = {
  provider: Provider;
  kind: ProviderKind;
  actions: { update: ActionOf<typeof updateProvider>; remove: ActionOf<typeof deleteProvider> };
};

/** The actions on a provider. */
export function ProviderActions({ provider, kind, actions: { update, remove } }: Props) {
  const { id, name } = provider;
  const edit = editAction(name, ({ close, done }) => (
    <EditProviderForm
      provider={provider}
      kind={kind}
      update={update}
      onCancel={close}
      onSaved={() => done("Provider updated.")}
    />
  ));
  const rotate: MenuAction = {
    label: "Rotate credential",
    icon: KeyRound,
    title: `Rotate the credential of “${name}”`,
    description: "Takes the place of what is stored, from the next request on.",
    narrow: true,
    form: ({ close, done }) => (
      <RotateCredentialForm
        id={id}
        kind={kind}
        update={update}
        onCancel={close}
        onDone={() => done("Credential rotated. Test the provider to see that it works.")}
      />
    ),
  };
  return (
    <ActionsMenu
      name={name}
      actions={[
        edit,
        ...(kind.credentials.length === 0 ? [] : [rotate]),
        deleteAction("provider", {
          name,
          description:
            "Its credentials are deleted. A provider that a model targets, or that a key is pinned to, is kept.",
          run: () => remove({ id }),
          leaveTo: "/providers",
        }),
      ]}
    />
  );
}

type RotateProps = {
  id: string;
  kind: ProviderKind;
  update: ActionOf<typeof updateProvider>;
  onCancel: () => void;
  onDone: () => void;
};

function RotateCredentialForm({ id, kind, update, onCancel, onDone }: RotateProps) {
  const [draft, setDraft] = useState(NO_CREDENTIALS);
  const fields = kind.credentials[draft.way] ?? [];
  const required = { ...kind, credentialsRequired: true };
  return (
    <DialogForm
      submit="Rotate credential"
      // Without any the service says at each field what is missing.
      send={() => update({ id, credentials: valuesFrom(fields, draft.typed) ?? {} })}
      onSent={onDone}
      onCancel={onCancel}
    >
      <CredentialFields kind={required} value={draft} onChange={setDraft} />
    </DialogForm>
  );
}
