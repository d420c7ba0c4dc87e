"use client";

import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import { AllowedModelsField } from "#components/fields/allowed-models-field";
import { ChoiceField } from "#components/fields/choice-field";
import { NameField } from "#components/fields/entity-fields";
import { ExpiryField, expiryToIso, isoToExpiry } from "#components/fields/expiry-field";
import { draftOf, LimitsFields, limitsFrom } from "#components/fields/limits-fields";
import { AddressesField, listOf, TagsField } from "#components/fields/list-fields";
import { MetadataField, metadataDraft, metadataFrom } from "#components/fields/metadata-field";
import type { Role } from "#lib/auth/actor";
import type { KeyFormOptions } from "#lib/portal/keys/key-form-options";
import type { Key } from "#lib/services/keys/key";
import type { updateKey } from "#lib/services/keys/update-key";
import type { ActionOf } from "#lib/services/verb";

type Props = {
  apiKey: Key;
  role: Role;
  options: KeyFormOptions;
  update: ActionOf<typeof updateKey>;
  onCancel: () => void;
  onSaved: () => void;
};

/** The choice of no provider; Radix does not allow an empty value. */
const ANY = "any";

export function EditKeyForm({ apiKey, role, options, update, onCancel, onSaved }: Props) {
  const [name, setName] = useState(apiKey.name);
  const [tags, setTags] = useState(apiKey.tags.join(", "));
  const [allowedModels, setAllowedModels] = useState(apiKey.allowed_models);
  const [addresses, setAddresses] = useState((apiKey.allowed_ips ?? []).join(", "));
  const [limits, setLimits] = useState(() => draftOf(apiKey));
  const [expiry, setExpiry] = useState(() => isoToExpiry(apiKey.expires_at));
  const [expiryTouched, setExpiryTouched] = useState(false);
  const [providerId, setProviderId] = useState(apiKey.provider_id ?? ANY);
  const [metadata, setMetadata] = useState(() => metadataDraft(apiKey.metadata));
  const maySetLimits = role !== "member";
  // Models that are no longer offered stay selected until they are deselected.
  const models = [...new Set([...options.models, ...(apiKey.allowed_models ?? [])])];

  const send = () => {
    const ips = listOf(addresses);
    // An empty list blocks every address: keep it empty when something else is saved.
    const noIps = apiKey.allowed_ips?.length === 0 ? [] : null;
    return update({
      id: apiKey.id,
      name,
      tags: listOf(tags),
      ...(maySetLimits
        ? {
            ...limitsFrom(limits),
            metadata: metadataFrom(metadata),
            allowed_models: allowedModels,
            allowed_ips: ips.length === 0 ? noIps : ips,
            // The field shows a day only: send it once changed, so that the exact time is kept.
            ...(expiryTouched ? { expires_at: expiryToIso(expiry, Date.now()) } : {}),
          }
        : {}),
      ...(role === "admin" ? { provider_id: providerId === ANY ? null : providerId } : {}),
    });
  };

  return (
    <DialogForm submit="Save" send={send} onSent={onSaved} onCancel={onCancel}>
      <NameField value={name} onChange={setName} />
      <TagsField value={tags} onChange={setTags} />
      {maySetLimits ? (
        <>
          <LimitsFields value={limits} onChange={setLimits} />
          <AllowedModelsField noun="key" models={models} value={allowedModels} onChange={setAllowedModels} />
          <AddressesField value={addresses} onChange={setAddresses} />
          <ExpiryField
            value={expiry}
            onChange={(value) => {
              setExpiry(value);
              setExpiryTouched(true);
            }}
          />
          <MetadataField noun="key" value={metadata} onChange={setMetadata} />
        </>
      ) : null}
      {role === "admin" && options.providers.length > 0 ? (
        <ChoiceField
          name="provider_id"
          label="Provider"
          value={providerId}
          onChange={setProviderId}
          options={[
            { value: ANY, label: "Any provider of the model" },
            ...options.providers.map(({ id, name: label }) => ({ value: id, label })),
          ]}
          hint="Only this provider serves the key’s requests."
        />
      ) : null}
    </DialogForm>
  );
}
