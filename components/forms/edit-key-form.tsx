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
import type { Key } from "#lib/services/keys/key";
import type { KeyFormOptions } from "#lib/services/keys/key-form-options";
import type { Budget, RateLimits } from "#lib/services/limits";
import { AllowedModelsField } from "./allowed-models-field";
import { ExpiryField, expiryError, expiryToIso, isoToExpiry } from "./expiry-field";
import { fieldError, focusFirstError } from "./field-errors";
import { draftOf, LimitsFields, limitsFrom } from "./limits-fields";
import { AddressesField, listOf, TagsField } from "./list-fields";

/** What the form sends: only what whoever edits may change. */
export type KeyChanges = {
  id: string;
  name: string;
  tags: string[];
  budget?: Budget | null;
  rate_limits?: RateLimits | null;
  allowed_models?: string[] | null;
  allowed_ips?: string[] | null;
  expires_at?: string | null;
  provider_id?: string | null;
};

type Props = {
  apiKey: Key;
  role: Role;
  options: KeyFormOptions;
  update: (input: KeyChanges) => Promise<ActionResult<Key>>;
  onCancel: () => void;
  onSaved: (key: Key) => void;
};

/** Radix takes no empty value: a key of no provider in particular. */
const ANY = "any";

export function EditKeyForm({ apiKey, role, options, update, onCancel, onSaved }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState(apiKey.name);
  const [tags, setTags] = useState(apiKey.tags.join(", "));
  const [allowedModels, setAllowedModels] = useState(apiKey.allowed_models);
  const [addresses, setAddresses] = useState((apiKey.allowed_ips ?? []).join(", "));
  const [limits, setLimits] = useState(() => draftOf(apiKey));
  const [expiry, setExpiry] = useState(() => isoToExpiry(apiKey.expires_at));
  const [expiryTouched, setExpiryTouched] = useState(false);
  const [providerId, setProviderId] = useState(apiKey.provider_id ?? ANY);
  const [failure, setFailure] = useState<{ message: string; fields: FieldErrors } | null>(null);
  const [pending, startTransition] = useTransition();
  const fields = failure?.fields ?? {};
  const general = failure && Object.keys(fields).length === 0 ? failure.message : null;
  const mayBound = role !== "member";
  // Models that are not offered (any more) stay chosen until they are unchosen.
  const models = [...new Set([...options.models, ...(apiKey.allowed_models ?? [])])];

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const ips = listOf(addresses);
    // A list that was empty (from nowhere) is not opened to everybody by saving something else.
    const noIps = apiKey.allowed_ips?.length === 0 ? [] : null;
    startTransition(async () => {
      const result = await update({
        id: apiKey.id,
        name,
        tags: listOf(tags),
        ...(mayBound
          ? {
              ...limitsFrom(limits, apiKey),
              allowed_models: allowedModels,
              allowed_ips: ips.length === 0 ? noIps : ips,
              // A day says less than the moment that is set, so only a chosen one is sent.
              ...(expiryTouched ? { expires_at: expiryToIso(expiry, Date.now()) } : {}),
            }
          : {}),
        ...(role === "admin" ? { provider_id: providerId === ANY ? null : providerId } : {}),
      });
      if (result.ok) return onSaved(result.data);
      setFailure(result.error);
      focusFirstError(form.current, result.error.fields);
    });
  };

  return (
    <form ref={form} onSubmit={submit} noValidate className="flex min-h-0 flex-1 flex-col">
      <DialogBody className="flex flex-col gap-5">
        {general ? <Callout tone="danger">{general}</Callout> : null}
        <Field id="key-name" label="Name" error={fields.name}>
          {(wiring) => (
            <Input
              {...wiring}
              value={name}
              onChange={(event) => setName(event.target.value)}
              maxLength={80}
              autoComplete="off"
              data-1p-ignore
            />
          )}
        </Field>
        <TagsField value={tags} onChange={setTags} fields={fields} />
        {mayBound ? (
          <>
            <LimitsFields value={limits} onChange={setLimits} fields={fields} />
            <AllowedModelsField
              models={models}
              value={allowedModels}
              onChange={setAllowedModels}
              error={fieldError(fields, "allowed_models")}
            />
            <AddressesField value={addresses} onChange={setAddresses} fields={fields} />
            <ExpiryField
              value={expiry}
              onChange={(value) => {
                setExpiry(value);
                setExpiryTouched(true);
              }}
              error={expiryError(expiry, fields)}
            />
          </>
        ) : null}
        {role === "admin" && options.providers.length > 0 ? (
          <Field
            id="key-provider_id"
            label="Provider"
            error={fields.provider_id}
            hint="Where one is chosen, no other serves this key's requests."
          >
            {(wiring) => (
              <Select
                {...wiring}
                value={providerId}
                onValueChange={setProviderId}
                options={[
                  { value: ANY, label: "Any that serves the model" },
                  ...options.providers.map(({ id, name: label }) => ({ value: id, label })),
                ]}
              />
            )}
          </Field>
        ) : null}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onCancel} disabled={pending}>
          Cancel
        </Button>
        <Button type="submit" variant="primary" pending={pending}>
          Save
        </Button>
      </DialogFooter>
    </form>
  );
}
