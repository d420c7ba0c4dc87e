"use client";

import { useState } from "react";
import { EntityForm } from "#components/dialogs/dialog-form";
import { AllowedModelsField } from "#components/fields/allowed-models-field";
import { ChoiceField } from "#components/fields/choice-field";
import { NameField } from "#components/fields/entity-fields";
import { draftOf, LimitsFields, limitsFrom, NO_LIMITS } from "#components/fields/limits-fields";
import { MemberKeysFields, memberKeysDraft, memberKeysFrom } from "#components/fields/member-keys-fields";
import { MetadataField, metadataDraft, metadataFrom } from "#components/fields/metadata-field";
import { TextField } from "#components/fields/text-field";
import type { ActionResult } from "#lib/http/action-result";
import type { createOrganization } from "#lib/services/organizations/create-organization";
import type { Organization } from "#lib/services/organizations/organization";
import type { InputOf } from "#lib/services/verb";

type Props = {
  /** Null for a new organization. */
  organization: Organization | null;
  /** Whether the form has more than the name and the bounds of people's keys. */
  maySetLimits: boolean;
  /** The models that may be chosen. */
  models: readonly string[];
  send: (draft: InputOf<typeof createOrganization>) => Promise<ActionResult<Organization>>;
  onCancel: () => void;
  onSaved: () => void;
};

const FAILURE_MODES = [
  { value: "fail_closed", label: "Reject requests" },
  { value: "fail_open", label: "Allow requests up to an allowance" },
] as const;

const HANG_UPS = [
  { value: "abort", label: "Stop the provider and charge an estimate" },
  { value: "drain", label: "Read the whole answer and charge its exact cost" },
] as const;

export function OrganizationForm({ organization, maySetLimits, models, send, onCancel, onSaved }: Props) {
  const [name, setName] = useState(organization?.name ?? "");
  const [limits, setLimits] = useState(() => draftOf(organization ?? NO_LIMITS));
  const [failureMode, setFailureMode] = useState(organization?.failure_mode ?? "fail_closed");
  const [allowance, setAllowance] = useState(organization?.fail_open_allowance_usd ?? "");
  const [onHangUp, setOnHangUp] = useState(organization?.on_hang_up ?? "abort");
  const [allowedModels, setAllowedModels] = useState(organization?.allowed_models ?? null);
  const [memberKeys, setMemberKeys] = useState(() => memberKeysDraft(organization?.member_keys ?? null));
  const [metadata, setMetadata] = useState(() => metadataDraft(organization?.metadata ?? {}));
  const terms = () => ({
    allowed_models: allowedModels,
    ...limitsFrom(limits),
    failure_mode: failureMode,
    fail_open_allowance_usd: allowance.trim() === "" ? null : allowance.trim(),
    on_hang_up: onHangUp,
    metadata: metadataFrom(metadata),
  });
  return (
    <EntityForm
      noun="organization"
      isNew={organization === null}
      send={() =>
        send({
          name,
          member_keys: memberKeysFrom(memberKeys, organization?.member_keys ?? null),
          ...(maySetLimits ? terms() : {}),
        })
      }
      onSaved={onSaved}
      onCancel={onCancel}
    >
      <NameField value={name} onChange={setName} autoFocus />
      {maySetLimits ? (
        <>
          <LimitsFields value={limits} onChange={setLimits} />
          <AllowedModelsField
            noun="organization"
            // Models that are no longer offered stay selected until they are deselected.
            models={[...new Set([...models, ...(organization?.allowed_models ?? [])])]}
            value={allowedModels}
            onChange={setAllowedModels}
          />
          <ChoiceField
            name="on_hang_up"
            label="When a client disconnects"
            value={onHangUp}
            onChange={setOnHangUp}
            options={HANG_UPS}
          />
          <ChoiceField
            name="failure_mode"
            label="When the database is unavailable"
            value={failureMode}
            onChange={setFailureMode}
            options={FAILURE_MODES}
          />
          {failureMode === "fail_open" ? (
            <TextField
              name="fail_open_allowance_usd"
              label="Allowance (USD)"
              value={allowance}
              onChange={setAllowance}
              hint="How much each replica may spend before it rejects requests. Leave empty for none."
              inputMode="decimal"
              placeholder="5"
            />
          ) : null}
          <MetadataField noun="organization" value={metadata} onChange={setMetadata} />
        </>
      ) : null}
      <MemberKeysFields value={memberKeys} onChange={setMemberKeys} />
    </EntityForm>
  );
}
