"use client";

import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import { ChoiceField } from "#components/fields/choice-field";
import { draftOf, LimitsFields, limitsFrom, NO_LIMITS } from "#components/fields/limits-fields";
import { TextField } from "#components/fields/text-field";
import { roleName } from "#components/format/role-name";
import type { Role } from "#lib/auth/actor";
import type { ActionResult } from "#lib/http/action-result";
import type { UserFormOptions } from "#lib/portal/users/user-form-options";
import type { Budget, RateLimits } from "#lib/services/limits";
import type { User } from "#lib/services/users/user";
import { PaymentField } from "./payment-field";

/** What the form sends. */
export type UserDraft = {
  email: string;
  name: string | null;
  role: Role;
  external_id: string | null;
  organization_id?: string | null;
  payment_valid_until?: string | null;
  password?: string;
  budget: Budget | null;
  rate_limits: RateLimits | null;
};

type Props = {
  /** Who is changed; null makes somebody new. */
  user: User | null;
  options: UserFormOptions;
  send: (draft: UserDraft) => Promise<ActionResult<User>>;
  onCancel: () => void;
  onSaved: (user: User) => void;
};

/** Radix takes no empty value: an administrator of the whole installation. */
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
  const [limits, setLimits] = useState(() => draftOf(user ?? NO_LIMITS));
  const organizations = options.organizations.map(({ id, name: label }) => ({ value: id, label }));

  const draft = (): UserDraft => ({
    email: email.trim(),
    name: orNull(name),
    role,
    external_id: orNull(externalId),
    ...(options.anyOrganization ? { organization_id: organizationId === NONE ? null : organizationId } : {}),
    // One who is there has a dialog of its own for it.
    ...(user === null ? { payment_valid_until: validUntil || null } : {}),
    ...(password === "" ? {} : { password }),
    ...limitsFrom(limits, user ?? NO_LIMITS),
  });

  return (
    <DialogForm
      submit={user ? "Save" : "Create user"}
      send={() => send(draft())}
      onSent={onSaved}
      onCancel={onCancel}
    >
      {(fields) => (
        <>
          <TextField
            name="email"
            label="E-mail"
            value={email}
            onChange={setEmail}
            fields={fields}
            type="email"
            autoFocus
          />
          <TextField
            name="name"
            label="Name"
            aside="optional"
            value={name}
            onChange={setName}
            fields={fields}
            maxLength={80}
          />
          {options.anyOrganization ? (
            <ChoiceField
              name="organization_id"
              label="Organization"
              value={organizationId}
              onChange={setOrganizationId}
              options={[
                ...organizations,
                ...(role === "admin" || organizationId === NONE
                  ? [{ value: NONE, label: "None: the whole installation" }]
                  : []),
              ]}
              fields={fields}
              hint={user ? "Their keys move along." : undefined}
            />
          ) : null}
          <ChoiceField
            name="role"
            label="Role"
            value={role}
            onChange={setRole}
            options={options.roles.map((value) => ({ value, label: roleName(value), detail: MAY[value] }))}
            fields={fields}
          />
          <TextField
            name="external_id"
            label="External id"
            aside="optional"
            value={externalId}
            onChange={setExternalId}
            fields={fields}
            hint="What apps call this user in x-user-oid."
            className="font-mono text-xs"
          />
          <TextField
            name="password"
            label={user ? "New password" : "Password"}
            aside="optional"
            value={password}
            onChange={setPassword}
            fields={fields}
            hint={
              user
                ? "Empty: it stays. A new one ends the user's sessions."
                : "For signing in to this portal. Empty: single sign-on only, or not at all."
            }
            type="password"
            autoComplete="new-password"
          />
          {user ? null : <PaymentField value={validUntil} onChange={setValidUntil} fields={fields} />}
          <LimitsFields value={limits} onChange={setLimits} fields={fields} />
        </>
      )}
    </DialogForm>
  );
}

const MAY: Record<Role, string> = {
  admin: "everything",
  org_admin: "its organization",
  member: "own keys and usage",
  viewer: "reads its organization",
};
