"use client";

import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import { NameField, NewOrganizationField } from "#components/fields/entity-fields";
import { type Expiry, ExpiryField, expiryToIso } from "#components/fields/expiry-field";
import { RoleField } from "#components/fields/role-field";
import type { AdminToken } from "#lib/services/admin-tokens/admin-token";
import type { CreatedAdminToken, createAdminToken } from "#lib/services/admin-tokens/create-admin-token";
import type { ActionOf } from "#lib/services/verb";

type TokenRole = AdminToken["role"];

export type TokenFormOptions = {
  roles: readonly TokenRole[];
  organizations: readonly { id: string; name: string }[];
};

type Props = {
  options: TokenFormOptions;
  create: ActionOf<typeof createAdminToken>;
  onCancel: () => void;
  onCreated: (token: CreatedAdminToken) => void;
};

const SCOPES: Record<TokenRole, string> = {
  admin: "full access",
  org_admin: "full access to one organization",
  viewer: "read access to one organization",
};

export function TokenForm({ options, create, onCancel, onCreated }: Props) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<TokenRole>(options.roles[0] ?? "viewer");
  const [organizationId, setOrganizationId] = useState(options.organizations[0]?.id ?? "");
  const [expiry, setExpiry] = useState<Expiry>({ choice: "90", date: "" });
  const send = () =>
    create({
      name,
      role,
      ...(role === "admin" || organizationId === "" ? {} : { organization_id: organizationId }),
      expires_at: expiryToIso(expiry, Date.now()),
    });
  return (
    <DialogForm submit="Create token" send={send} onSent={onCreated} onCancel={onCancel}>
      <NameField
        value={name}
        onChange={setName}
        hint="Where you use it, such as “Maya’s laptop”."
        autoFocus
      />
      <RoleField roles={options.roles} scopes={SCOPES} value={role} onChange={setRole} />
      {role !== "admin" ? (
        <NewOrganizationField
          organizations={options.organizations}
          value={organizationId}
          onChange={setOrganizationId}
        />
      ) : null}
      <ExpiryField value={expiry} onChange={setExpiry} />
    </DialogForm>
  );
}
