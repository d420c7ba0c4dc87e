"use client";

import { type FormEvent, useRef, useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { Callout } from "#components/ui/callout";
import { DialogBody, DialogFooter } from "#components/ui/dialog";
import { Field } from "#components/ui/field";
import { Input } from "#components/ui/input";
import { Select } from "#components/ui/select";
import type { Role } from "#lib/auth/actor";
import type { ActionResult } from "#lib/http/action-result";
import type { FieldErrors } from "#lib/http/errors";
import type { NewKey } from "#lib/services/keys/key";
import type { KeyFormOptions } from "#lib/services/keys/key-form-options";
import { AllowedModelsField } from "./allowed-models-field";
import { type Expiry, ExpiryField, expiryError, expiryToIso } from "./expiry-field";
import { fieldError, focusFirstError } from "./field-errors";
import { AddressesField, listOf, TagsField } from "./list-fields";

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
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState("");
  const [organizationId, setOrganizationId] = useState(options.organizations[0]?.id ?? "");
  const [userId, setUserId] = useState(NOBODY);
  const [allowedModels, setAllowedModels] = useState<string[] | null>(null);
  const [addresses, setAddresses] = useState("");
  const [tags, setTags] = useState("");
  const [expiry, setExpiry] = useState<Expiry>({ choice: "never", date: "" });
  const [failure, setFailure] = useState<{ message: string; fields: FieldErrors } | null>(null);
  const [pending, startTransition] = useTransition();
  const people = options.users.filter((user) => user.organization_id === organizationId);
  const fields = failure?.fields ?? {};
  // A message that belongs to a field stands there, and not a second time above.
  const general = failure && Object.keys(fields).length === 0 ? failure.message : null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    startTransition(async () => {
      const result = await create({
        name,
        organization_id: organizationId || undefined,
        user_id: userId === NOBODY ? null : userId,
        allowed_models: allowedModels,
        allowed_ips: listOf(addresses).length === 0 ? null : listOf(addresses),
        tags: listOf(tags),
        expires_at: expiryToIso(expiry, Date.now()),
      });
      if (result.ok) return onCreated(result.data, allowedModels?.[0] ?? options.models[0] ?? "gpt-4o-mini");
      setFailure(result.error);
      focusFirstError(form.current, result.error.fields);
    });
  };

  return (
    <form ref={form} onSubmit={submit} noValidate className="flex min-h-0 flex-1 flex-col">
      <DialogBody className="flex flex-col gap-5">
        {general ? <Callout tone="danger">{general}</Callout> : null}
        <Field
          id="key-name"
          label="Name"
          error={fields.name}
          hint="What uses it, such as “checkout service”."
        >
          {(wiring) => (
            <Input
              {...wiring}
              value={name}
              onChange={(event) => setName(event.target.value)}
              maxLength={80}
              autoFocus
              autoComplete="off"
              data-1p-ignore
            />
          )}
        </Field>
        {options.organizations.length > 1 ? (
          <Field id="key-organization_id" label="Organization" error={fields.organization_id}>
            {(wiring) => (
              <Select
                {...wiring}
                value={organizationId}
                onValueChange={(value) => {
                  setOrganizationId(value);
                  setUserId(NOBODY);
                }}
                options={options.organizations.map(({ id, name: label }) => ({ value: id, label }))}
              />
            )}
          </Field>
        ) : null}
        {role === "member" ? null : (
          <Field
            id="key-user_id"
            label="Belongs to"
            error={fields.user_id}
            hint="What it spends counts for the organization, and for the person where one is chosen."
          >
            {(wiring) => (
              <Select
                {...wiring}
                value={userId}
                onValueChange={setUserId}
                options={[
                  { value: NOBODY, label: "The organization as a whole" },
                  ...people.map(({ id, name: label, email }) => ({
                    value: id,
                    label,
                    detail: label === email ? undefined : email,
                  })),
                ]}
              />
            )}
          </Field>
        )}
        <AllowedModelsField
          models={options.models}
          value={allowedModels}
          onChange={setAllowedModels}
          error={fieldError(fields, "allowed_models")}
        />
        <AddressesField value={addresses} onChange={setAddresses} fields={fields} />
        <TagsField value={tags} onChange={setTags} fields={fields} />
        <ExpiryField value={expiry} onChange={setExpiry} error={expiryError(expiry, fields)} />
      </DialogBody>
      <DialogFooter>
        <Button onClick={onCancel} disabled={pending}>
          Cancel
        </Button>
        <Button type="submit" variant="primary" pending={pending}>
          Create key
        </Button>
      </DialogFooter>
    </form>
  );
}
