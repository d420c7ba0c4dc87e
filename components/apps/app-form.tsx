"use client";

import { useState } from "react";
import { EntityForm } from "#components/dialogs/dialog-form";
import { AllowedModelsField } from "#components/fields/allowed-models-field";
import { ExternalIdField, NameField, NewOrganizationField } from "#components/fields/entity-fields";
import { draftOf, LimitsFields, limitsFrom, NO_LIMITS } from "#components/fields/limits-fields";
import { MetadataField, metadataDraft, metadataFrom } from "#components/fields/metadata-field";
import { TextField } from "#components/fields/text-field";
import type { ActionResult } from "#lib/http/action-result";
import type { AppFormOptions } from "#lib/portal/apps/app-form-options";
import type { App } from "#lib/services/apps/app";
import type { createApp } from "#lib/services/apps/create-app";
import type { InputOf } from "#lib/services/verb";

type Props<Saved> = {
  /** Null for a new app. */
  app: App | null;
  options: AppFormOptions;
  send: (draft: InputOf<typeof createApp>) => Promise<ActionResult<Saved>>;
  onCancel: () => void;
  onSaved: (saved: Saved) => void;
};

export function AppForm<Saved>({ app, options, send, onCancel, onSaved }: Props<Saved>) {
  const [name, setName] = useState(app?.name ?? "");
  const [organizationId, setOrganizationId] = useState(options.organizations[0]?.id);
  const [externalId, setExternalId] = useState(app?.external_id ?? "");
  const [mostUsers, setMostUsers] = useState(app?.create_users ? `${app.max_created_users}` : "");
  const [allowedModels, setAllowedModels] = useState(app?.allowed_models ?? null);
  const [limits, setLimits] = useState(() => draftOf(app ?? NO_LIMITS));
  const [metadata, setMetadata] = useState(() => metadataDraft(app?.metadata ?? {}));
  // Models that are no longer offered stay selected until they are deselected.
  const models = [...new Set([...options.models, ...(app?.allowed_models ?? [])])];
  const draft = () => ({
    name,
    ...(app === null ? { organization_id: organizationId } : {}),
    external_id: externalId.trim() === "" ? null : externalId.trim(),
    create_users: mostUsers.trim() !== "",
    ...(mostUsers.trim() === "" ? {} : { max_created_users: Number(mostUsers) }),
    allowed_models: allowedModels,
    ...limitsFrom(limits),
    metadata: metadataFrom(metadata),
  });
  return (
    <EntityForm
      noun="app"
      isNew={app === null}
      send={() => send(draft())}
      onSaved={onSaved}
      onCancel={onCancel}
    >
      <NameField value={name} onChange={setName} autoFocus />
      {app === null && organizationId !== undefined ? (
        <NewOrganizationField
          organizations={options.organizations}
          value={organizationId}
          onChange={setOrganizationId}
        />
      ) : null}
      <ExternalIdField
        value={externalId}
        onChange={setExternalId}
        hint="The app can send this in x-app-id instead of its id."
        placeholder="helpdesk"
      />
      <TextField
        name="max_created_users"
        label="Create unknown users"
        aside="optional"
        value={mostUsers}
        onChange={setMostUsers}
        hint="At most this many for requests with an unknown x-user-oid. Leave empty to reject such requests."
        inputMode="numeric"
        placeholder="none"
      />
      <AllowedModelsField noun="app" models={models} value={allowedModels} onChange={setAllowedModels} />
      <LimitsFields value={limits} onChange={setLimits} />
      <MetadataField noun="app" value={metadata} onChange={setMetadata} />
    </EntityForm>
  );
}
