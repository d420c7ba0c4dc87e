"use client";

import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import { ChoiceField } from "#components/fields/choice-field";
import { NameField } from "#components/fields/entity-fields";
import type { createProvider } from "#lib/services/providers/create-provider";
import type { Provider } from "#lib/services/providers/provider";
import type { ProviderChoice, ProviderFormOptions } from "#lib/services/providers/provider-forms";
import type { ActionOf } from "#lib/services/verb";
import { CredentialFields, NO_CREDENTIALS, type Typed, valuesFrom } from "./credential-fields";
import { AddressField, addressFrom, ListModelsField, SettingsFields } from "./provider-fields";

type Props = {
  options: ProviderFormOptions;
  create: ActionOf<typeof createProvider>;
  onCancel: () => void;
  onCreated: (provider: Provider) => void;
};

/** Adds a provider: a type, or one whose address and quirks are known. */
export function ProviderForm({ options, create, onCancel, onCreated }: Props) {
  const [first] = options.choices;
  const [choice, setChoice] = useState<ProviderChoice | undefined>(first);
  const [name, setName] = useState(first?.name ?? "");
  const [baseUrl, setBaseUrl] = useState(first?.baseUrl ?? "");
  const [credentials, setCredentials] = useState(NO_CREDENTIALS);
  const [settings, setSettings] = useState<Typed>({});
  const [listsModels, setListsModels] = useState(false);
  const kind = options.kinds.find(({ type }) => type === choice?.type);
  if (choice === undefined || kind === undefined) return null;
  const choose = (value: string) => {
    const next = options.choices.find((each) => each.name === value);
    if (next === undefined) return;
    setChoice(next);
    // A name that was typed stays.
    if (name === choice.name) setName(next.name);
    setBaseUrl(next.baseUrl ?? "");
    setCredentials(NO_CREDENTIALS);
    setSettings({});
  };
  const draft = () => ({
    name,
    type: choice.type,
    ...(kind.baseUrl === "required" ? { base_url: addressFrom(baseUrl) } : {}),
    credentials: valuesFrom(kind.credentials[credentials.way] ?? [], credentials.typed) ?? null,
    settings: {
      ...choice.settings,
      ...valuesFrom(kind.settings, settings),
      ...(listsModels ? { list_models: true } : {}),
    },
  });
  return (
    <DialogForm submit="Add provider" send={() => create(draft())} onSent={onCreated} onCancel={onCancel}>
      <ChoiceField
        name="type"
        label="Provider"
        value={choice.name}
        onChange={choose}
        options={options.choices.map((each) => ({
          value: each.name,
          label: each.name,
          ...(each.name === each.type ? {} : { detail: each.type }),
        }))}
        hint="One of these, or openai-compatible with any other base URL."
        autoFocus
      />
      <NameField
        value={name}
        onChange={setName}
        hint="Shown in the ledger and sent to clients as x-tollgate-provider."
      />
      {kind.baseUrl === "required" ? (
        <AddressField
          value={baseUrl}
          onChange={setBaseUrl}
          hint={
            baseUrl.includes("{") ? "Replace what is in braces." : "With the version segment, such as /v1."
          }
          placeholder="https://api.example.com/v1"
        />
      ) : null}
      <SettingsFields kind={kind} value={settings} onChange={setSettings} />
      <CredentialFields kind={kind} value={credentials} onChange={setCredentials} />
      <ListModelsField provider={name} checked={listsModels} onChange={setListsModels} />
    </DialogForm>
  );
}
