"use client";

import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import { ChoiceField } from "#components/fields/choice-field";
import { draftOf, LimitsFields, limitsFrom, NO_LIMITS } from "#components/fields/limits-fields";
import { TextField } from "#components/fields/text-field";
import type { ActionResult } from "#lib/http/action-result";
import type { Budget, RateLimits } from "#lib/services/limits";
import type { Organization } from "#lib/services/organizations/organization";

type Terms = {
  budget: Budget | null;
  rate_limits: RateLimits | null;
  failure_mode: Organization["failure_mode"];
  fail_open_allowance_usd: string | null;
  on_hang_up: Organization["on_hang_up"];
};

/** What the form sends: an organization's own admin changes its name only. */
export type OrganizationDraft = { name: string } & Partial<Terms>;

type Props = {
  /** What is changed; null makes a new one. */
  organization: Organization | null;
  /** Whether whoever fills it in decides about budget, limits and failure, too. */
  mayBound: boolean;
  send: (draft: OrganizationDraft) => Promise<ActionResult<Organization>>;
  onCancel: () => void;
  onSaved: (organization: Organization) => void;
};

const FAILURE_MODES = [
  { value: "fail_closed", label: "Are refused until it is back" },
  { value: "fail_open", label: "Go on within an allowance" },
] as const;

const HANG_UPS = [
  { value: "abort", label: "Cut it off, and charge an estimate" },
  { value: "drain", label: "Read it to its end, and charge exactly" },
] as const;

export function OrganizationForm({ organization, mayBound, send, onCancel, onSaved }: Props) {
  const [name, setName] = useState(organization?.name ?? "");
  const [limits, setLimits] = useState(() => draftOf(organization ?? NO_LIMITS));
  const [failureMode, setFailureMode] = useState(organization?.failure_mode ?? "fail_closed");
  const [allowance, setAllowance] = useState(organization?.fail_open_allowance_usd ?? "");
  const [onHangUp, setOnHangUp] = useState(organization?.on_hang_up ?? "abort");
  const terms = (): Terms => ({
    ...limitsFrom(limits, organization ?? NO_LIMITS),
    failure_mode: failureMode,
    fail_open_allowance_usd: allowance.trim() === "" ? null : allowance.trim(),
    on_hang_up: onHangUp,
  });
  return (
    <DialogForm
      submit={organization ? "Save" : "Create organization"}
      send={() => send({ name, ...(mayBound ? terms() : {}) })}
      onSent={onSaved}
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
            maxLength={80}
            autoFocus
          />
          {mayBound ? (
            <>
              <LimitsFields value={limits} onChange={setLimits} fields={fields} />
              <ChoiceField
                name="on_hang_up"
                label="When a client hangs up in mid-answer"
                value={onHangUp}
                onChange={setOnHangUp}
                options={HANG_UPS}
                fields={fields}
              />
              <ChoiceField
                name="failure_mode"
                label="While the database cannot be reached, requests"
                value={failureMode}
                onChange={setFailureMode}
                options={FAILURE_MODES}
                fields={fields}
              />
              {failureMode === "fail_open" ? (
                <TextField
                  name="fail_open_allowance_usd"
                  label="Allowance, US dollars"
                  value={allowance}
                  onChange={setAllowance}
                  fields={fields}
                  hint="What each replica may let through before it refuses. Empty: nothing."
                  inputMode="decimal"
                  placeholder="5"
                />
              ) : null}
            </>
          ) : null}
        </>
      )}
    </DialogForm>
  );
}
