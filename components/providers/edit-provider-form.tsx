"use client";

import { useState } from "react";
import { EntityForm } from "#components/dialogs/dialog-form";
import { EnabledField } from "#components/fields/enabled-field";
import { NameField } from "#components/fields/entity-fields";
import type { Provider } from "#lib/services/providers/provider";
import type { ProviderKind } from "#lib/services/providers/provider-forms";
import type { updateProvider } from "#lib/services/providers/update-provider";
import type { ActionOf } from "#lib/services/verb";
import { CredentialFields, NO_CREDENTIALS, type Typed, valuesFrom } from "./credential-fields";
import { AddressField, addressFrom, ListModelsField, SettingsFields } from "./provider-fields";

type Props = { provider: Provider; kind: ProviderKind; update: ActionOf<typeof updateProvider> } & Closing;
type Closing = { onCancel: () => void; onSaved: () => void };

/** Changes a provider. Its credentials are asked for only if its address changes: they are not sent to another host. */
export function EditProviderForm({ provider, kind, update, ...closing }: Props) {
  const { id, settings } = provider;
  const [name, setName] = useState(provider.name);
  const [baseUrl, setBaseUrl] = useState(provider.base_url ?? "");
  const [enabled, setEnabled] = useState(provider.enabled);
  const [listsModels, setListsModels] = useState(settings.list_models === true);
  const [credentials, setCredentials] = useState(NO_CREDENTIALS);
  const [typed, setTyped] = useState<Typed>(() =>
    Object.fromEntries(kind.settings.map(({ name: setting }) => [setting, String(settings[setting] ?? "")])),
  );
  const hasUrl = kind.baseUrl === "required" || provider.base_url !== null;
  const moves =
    baseUrl.trim() !== (provider.base_url ?? "") ||
    kind.settings.some(({ name: setting }) => (typed[setting] ?? "") !== String(settings[setting] ?? ""));
  const inForm = new Set(["list_models", ...kind.settings.map(({ name: setting }) => setting)]);
  const others = Object.fromEntries(Object.entries(settings).filter(([setting]) => !inForm.has(setting)));
  const draft = () => {
    const given = valuesFrom(kind.credentials[credentials.way] ?? [], credentials.typed);
    return {
      id,
      name,
      enabled,
      ...(hasUrl ? { base_url: addressFrom(baseUrl) } : {}),
      settings: {
        ...others,
        ...valuesFrom(kind.settings, typed),
        ...(listsModels ? { list_models: true } : {}),
      },
      ...(moves && given !== undefined ? { credentials: given } : {}),
    };
  };
  return (
    <EntityForm noun="provider" isNew={false} send={() => update(draft())} {...closing}>
      <NameField value={name} onChange={setName} autoFocus />
      {hasUrl ? <AddressField value={baseUrl} onChange={setBaseUrl} /> : null}
      <SettingsFields kind={kind} value={typed} onChange={setTyped} />
      {moves ? (
        <CredentialFields
          kind={{ ...kind, credentialsRequired: provider.has_credentials }}
          value={credentials}
          onChange={setCredentials}
        />
      ) : null}
      <ListModelsField provider={name} checked={listsModels} onChange={setListsModels} />
      <EnabledField value={enabled} onChange={setEnabled} />
    </EntityForm>
  );
}
