"use client";

import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import { AllowedModelsField } from "#components/fields/allowed-models-field";
import { NameField, NewOrganizationField, SearchField } from "#components/fields/entity-fields";
import { type Expiry, ExpiryField, expiryToIso, latestExpiry } from "#components/fields/expiry-field";
import { useFindUsers } from "#components/fields/find-choices";
import { draftOf, LimitsFields, limitsFrom, NO_LIMITS } from "#components/fields/limits-fields";
import { AddressesField, listOf, TagsField } from "#components/fields/list-fields";
import { MetadataField, metadataDraft, metadataFrom } from "#components/fields/metadata-field";
import { KeyBoundsNote } from "#components/keys/key-bounds-note";
import type { Role } from "#lib/auth/actor";
import type { KeyFormOptions } from "#lib/portal/keys/key-form-options";
import type { createKey } from "#lib/services/keys/create-key";
import type { NewKey } from "#lib/services/keys/key";
import type { ActionOf } from "#lib/services/verb";

export type CreateKeyFormProps = {
  options: KeyFormOptions;
  role: Role;
  create: ActionOf<typeof createKey>;
  onCancel: () => void;
  onCreated: (key: NewKey, model: string) => void;
};

/** The choice of no user. */
const NO_USER = "organization";
const OWNERS = [{ value: NO_USER, label: "The organization" }];

export function CreateKeyForm({ options, role, create, onCancel, onCreated }: CreateKeyFormProps) {
  const [name, setName] = useState("");
  const [organizationId, setOrganizationId] = useState(options.organizations[0]?.id ?? "");
  const [userId, setUserId] = useState(NO_USER);
  const [allowedModels, setAllowedModels] = useState<string[] | null>(null);
  const [addresses, setAddresses] = useState("");
  const [tags, setTags] = useState("");
  const [limits, setLimits] = useState(() => draftOf(NO_LIMITS));
  const [metadata, setMetadata] = useState(() => metadataDraft({}));
  const maxDays = options.bounds?.memberKeys?.max_days ?? null;
  const [expiry, setExpiry] = useState<Expiry>(() => latestExpiry(maxDays));
  const maySetLimits = role !== "member";
  const findUsers = useFindUsers(organizationId);
  const send = () =>
    create({
      name,
      organization_id: organizationId || undefined,
      user_id: userId === NO_USER ? null : userId,
      allowed_models: allowedModels,
      allowed_ips: listOf(addresses).length === 0 ? null : listOf(addresses),
      tags: listOf(tags),
      metadata: metadataFrom(metadata),
      ...(maySetLimits ? limitsFrom(limits) : {}),
      // A minute less than the longest lifetime: this clock may be ahead of the server's.
      expires_at: expiryToIso(expiry, Date.now() - (maxDays === null ? 0 : 60_000)),
    });
  return (
    <DialogForm
      submit="Create key"
      send={send}
      onSent={(key) => onCreated(key, allowedModels?.[0] ?? options.models[0] ?? "gpt-4o-mini")}
      onCancel={onCancel}
    >
      {options.bounds ? <KeyBoundsNote bounds={options.bounds} /> : null}
      <NameField
        value={name}
        onChange={setName}
        hint="What you use it for, such as “checkout service”."
        autoFocus
      />
      <NewOrganizationField
        organizations={options.organizations}
        value={organizationId}
        onChange={(value) => {
          setOrganizationId(value);
          setUserId(NO_USER);
        }}
      />
      {maySetLimits ? (
        <SearchField
          name="user_id"
          label="Owner"
          value={userId}
          onChange={setUserId}
          known={OWNERS}
          fixed={OWNERS}
          find={findUsers}
          hint="Usage counts toward the organization’s budget and, for a user’s key, toward the user’s."
        />
      ) : null}
      {maySetLimits ? <LimitsFields value={limits} onChange={setLimits} /> : null}
      <AllowedModelsField
        noun="key"
        models={options.models}
        value={allowedModels}
        onChange={setAllowedModels}
      />
      <AddressesField value={addresses} onChange={setAddresses} />
      <TagsField value={tags} onChange={setTags} />
      <ExpiryField value={expiry} onChange={setExpiry} maxDays={maxDays} />
      {maySetLimits ? <MetadataField noun="key" value={metadata} onChange={setMetadata} /> : null}
    </DialogForm>
  );
}
