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
import type { CreatedKey } from "#lib/services/keys/create-key";
import type { KeyFormOptions } from "#lib/services/keys/key-form-options";
import { AllowedModelsField } from "./allowed-models-field";
import { type Expiry, ExpiryField, expiryToIso } from "./expiry-field";

/** What the form sends. */
export type NewKey = {
  name: string;
  organizationId?: string;
  userId: string | null;
  allowedModels: string[] | null;
  expiresAt: string | null;
};

type Props = {
  options: KeyFormOptions;
  role: Role;
  create: (input: NewKey) => Promise<ActionResult<CreatedKey>>;
  onCancel: () => void;
  onCreated: (key: CreatedKey, model: string) => void;
};

/** Radix takes no empty value: a key of nobody in particular. */
const NOBODY = "organization";

export function CreateKeyForm({ options, role, create, onCancel, onCreated }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState("");
  const [organizationId, setOrganizationId] = useState(options.organizations[0]?.id ?? "");
  const [userId, setUserId] = useState(NOBODY);
  const [allowedModels, setAllowedModels] = useState<string[] | null>(null);
  const [expiry, setExpiry] = useState<Expiry>({ choice: "never", date: "" });
  const [failure, setFailure] = useState<{ message: string; fields: FieldErrors } | null>(null);
  const [pending, startTransition] = useTransition();
  const people = options.users.filter((user) => user.organizationId === organizationId);
  const fields = failure?.fields ?? {};
  // A message that belongs to a field stands there, and not a second time above.
  const general = failure && Object.keys(fields).length === 0 ? failure.message : null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    startTransition(async () => {
      const result = await create({
        name,
        organizationId: organizationId || undefined,
        userId: userId === NOBODY ? null : userId,
        allowedModels,
        expiresAt: expiryToIso(expiry, Date.now()),
      });
      if (result.ok) return onCreated(result.data, allowedModels?.[0] ?? options.models[0] ?? "gpt-4o-mini");
      setFailure(result.error);
      const [first] = Object.keys(result.error.fields);
      form.current?.querySelector<HTMLElement>(`#key-${first}`)?.focus();
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
          <Field id="key-organizationId" label="Organization" error={fields.organizationId}>
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
            id="key-userId"
            label="Belongs to"
            error={fields.userId}
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
          error={fields.allowedModels}
        />
        <ExpiryField value={expiry} onChange={setExpiry} error={fields.expiresAt} />
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
