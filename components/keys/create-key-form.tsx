"use client";

import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import { AllowedModelsField } from "#components/fields/allowed-models-field";
import { ChoiceField } from "#components/fields/choice-field";
import { type Expiry, ExpiryField, expiryToIso } from "#components/fields/expiry-field";
import { AddressesField, listOf, TagsField } from "#components/fields/list-fields";
import { TextField } from "#components/fields/text-field";
import type { Role } from "#lib/auth/actor";
import type { ActionResult } from "#lib/http/action-result";
import type { KeyFormOptions } from "#lib/portal/keys/key-form-options";
import type { NewKey } from "#lib/services/keys/key";

/** What the form sends. */
export type KeyDraft = {
  name: string;
  organization_id?: string;
  user_id: string | null;
  allowed_models: string[] | null;
  allowed_ips: string[] | null;
  tags: string[];
  expires_at: string | null;
};

type Props = {
  options: KeyFormOptions;
  role: Role;
  create: (input: KeyDraft) => Promise<ActionResult<NewKey>>;
  onCancel: () => void;
  onCreated: (key: NewKey, model: string) => void;
};

/** Radix takes no empty value: a key of nobody in particular. */
const NOBODY = "organization";

export function CreateKeyForm({ options, role, create, onCancel, onCreated }: Props) {
  const [name, setName] = useState("");
  const [organizationId, setOrganizationId] = useState(options.organizations[0]?.id ?? "");
  const [userId, setUserId] = useState(NOBODY);
  const [allowedModels, setAllowedModels] = useState<string[] | null>(null);
  const [addresses, setAddresses] = useState("");
  const [tags, setTags] = useState("");
  const [expiry, setExpiry] = useState<Expiry>({ choice: "never", date: "" });
  const people = options.users.filter((user) => user.organization_id === organizationId);
  const send = () =>
    create({
      name,
      organization_id: organizationId || undefined,
      user_id: userId === NOBODY ? null : userId,
      allowed_models: allowedModels,
      allowed_ips: listOf(addresses).length === 0 ? null : listOf(addresses),
      tags: listOf(tags),
      expires_at: expiryToIso(expiry, Date.now()),
    });
  return (
    <DialogForm
      submit="Create key"
      send={send}
      onSent={(key) => onCreated(key, allowedModels?.[0] ?? options.models[0] ?? "gpt-4o-mini")}
      onCancel={onCancel}
    >
      {(fields) => (
        <>
          <TextField
            name="name"
            label="Name"
            value={name}
            onChange={setName}
            fields={fields}
            hint="What uses it, such as “checkout service”."
            maxLength={80}
            autoFocus
          />
          {options.organizations.length > 1 ? (
            <ChoiceField
              name="organization_id"
              label="Organization"
              value={organizationId}
              onChange={(value) => {
                setOrganizationId(value);
                setUserId(NOBODY);
              }}
              options={options.organizations.map(({ id, name: label }) => ({ value: id, label }))}
              fields={fields}
            />
          ) : null}
          {role === "member" ? null : (
            <ChoiceField
              name="user_id"
              label="Belongs to"
              value={userId}
              onChange={setUserId}
              options={[
                { value: NOBODY, label: "The organization as a whole" },
                ...people.map(({ id, name: label, email }) => ({
                  value: id,
                  label,
                  detail: label === email ? undefined : email,
                })),
              ]}
              fields={fields}
              hint="What it spends counts for the organization, and for the person where one is chosen."
            />
          )}
          <AllowedModelsField
            noun="key"
            models={options.models}
            value={allowedModels}
            onChange={setAllowedModels}
            fields={fields}
          />
          <AddressesField value={addresses} onChange={setAddresses} fields={fields} />
          <TagsField value={tags} onChange={setTags} fields={fields} />
          <ExpiryField value={expiry} onChange={setExpiry} fields={fields} />
        </>
      )}
    </DialogForm>
  );
}
