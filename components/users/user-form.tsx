"use client";

import { useState } from "react";
import { EntityForm } from "#components/dialogs/dialog-form";
import { AllowedModelsField } from "#components/fields/allowed-models-field";
import { ExternalIdField, NameField, OrganizationField } from "#components/fields/entity-fields";
import { draftOf, LimitsFields, limitsFrom, NO_LIMITS } from "#components/fields/limits-fields";
import { MetadataField, metadataDraft, metadataFrom } from "#components/fields/metadata-field";
import { RoleField } from "#components/fields/role-field";
import { TextField } from "#components/fields/text-field";
import type { Role } from "#lib/auth/actor";
import type { ActionResult } from "#lib/http/action-result";
import type { UserFormOptions } from "#lib/portal/users/user-form-options";
import type { createUser } from "#lib/services/users/create-user";
import type { User } from "#lib/services/users/user";
import type { InputOf } from "#lib/services/verb";
import { PaymentField } from "./payment-field";
import { ROLE_SCOPES } from "./role-scopes";

type Props = {
  /** Null for a new user. */
  user: User | null;
  options: UserFormOptions;
  send: (draft: InputOf<typeof createUser>) => Promise<ActionResult<User>>;
  onCancel: () => void;
  onSaved: () => void;
};

/** The choice of no organization; Radix does not allow an empty value. */
const NONE = "none";

const orNull = (text: string) => (text.trim() === "" ? null : text);

export function UserForm({ user, options, send, onCancel, onSaved }: Props) {
  const [email, setEmail] = useState(user?.email ?? "");
  const [name, setName] = useState(user?.name ?? "");
  const [role, setRole] = useState<Role>(user?.role ?? "member");
  const [organizationId, setOrganizationId] = useState(
    user ? (user.organization_id ?? NONE) : (options.organizations[0]?.id ?? NONE),
  );
  const [externalId, setExternalId] = useState(user?.external_id ?? "");
  const [password, setPassword] = useState("");
  const [validUntil, setValidUntil] = useState("");
  const [allowedModels, setAllowedModels] = useState(user?.allowed_models ?? null);
  const [limits, setLimits] = useState(() => draftOf(user ?? NO_LIMITS));
  const [metadata, setMetadata] = useState(() => metadataDraft(user?.metadata ?? {}));

  const draft = (): InputOf<typeof createUser> => ({
    email: orNull(email.trim()),
    name: orNull(name),
    role,
    external_id: orNull(externalId),
    ...(options.anyOrganization ? { organization_id: organizationId === NONE ? null : organizationId } : {}),
    // An existing user’s payment has its own dialog.
    ...(user === null ? { payment_valid_until: validUntil || null } : {}),
    ...(password === "" ? {} : { password }),
    ...limitsFrom(limits),
    allowed_models: allowedModels,
    metadata: metadataFrom(metadata),
  });

  return (
    <EntityForm
      noun="user"
      isNew={user === null}
      send={() => send(draft())}
      onSaved={onSaved}
      onCancel={onCancel}
    >
      <TextField
        name="email"
        label="E-mail"
        value={email}
        onChange={setEmail}
        type="email"
        hint={user?.has_account ? undefined : "Only users with an external ID who do not sign in need none."}
        autoFocus
      />
      <NameField aside="optional" value={name} onChange={setName} />
      {options.anyOrganization ? (
        <OrganizationField
          value={organizationId}
          onChange={setOrganizationId}
          organizations={options.organizations}
          others={
            role === "admin" || organizationId === NONE
              ? [{ value: NONE, label: "None (all organizations)" }]
              : []
          }
          hint={user ? "The user’s keys move, too, within that organization’s bounds." : undefined}
        />
      ) : null}
      <RoleField roles={options.roles} scopes={ROLE_SCOPES} value={role} onChange={setRole} />
      <ExternalIdField
        value={externalId}
        onChange={setExternalId}
        hint="How apps identify this user in x-user-oid."
      />
      {options.passwords ? (
        <TextField
          name="password"
          label={user ? "New password" : "Password"}
          aside="optional"
          value={password}
          onChange={setPassword}
          hint={
            user
              ? "Leave empty to keep the current password. A new one signs the user out everywhere."
              : "For signing in to this portal. Leave empty to invite the user by link instead."
          }
          type="password"
          autoComplete="new-password"
        />
      ) : null}
      {user ? null : <PaymentField value={validUntil} onChange={setValidUntil} />}
      <LimitsFields value={limits} onChange={setLimits} />
      <AllowedModelsField
        noun="user"
        // Models that are no longer offered stay selected until they are deselected.
        models={[...new Set([...options.models, ...(user?.allowed_models ?? [])])]}
        value={allowedModels}
        onChange={setAllowedModels}
      />
      <MetadataField noun="user" value={metadata} onChange={setMetadata} />
    </EntityForm>
  );
}
