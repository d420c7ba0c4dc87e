"use client";

import { useState } from "react";
import { DialogForm } from "#components/dialogs/dialog-form";
import type { FormDialogControls } from "#components/dialogs/form-dialog";
import { BudgetField, budgetDraft, budgetFrom } from "#components/fields/budget-field";
import { ChoiceField } from "#components/fields/choice-field";
import { RoleField } from "#components/fields/role-field";
import { TextField } from "#components/fields/text-field";
import { dayOf } from "#components/format/calendar";
import { plural } from "#components/format/limit-words";
import type { Role } from "#lib/auth/actor";
import type { ActionResult } from "#lib/http/action-result";
import type { bulkUpdateUsers, UserChange } from "#lib/services/users/bulk-update-users";
import type { ActionOf, InputOf, OutputOf } from "#lib/services/verb";
import { BulkPreview } from "./bulk-preview";
import { ResultPanel } from "./result-panel";
import { ROLE_SCOPES } from "./role-scopes";

export type BulkKind = "extend" | "role" | "budget" | "deactivate" | "revoke";
type Bulk = InputOf<typeof bulkUpdateUsers>;

type Props = {
  kind: BulkKind;
  who: Pick<Bulk, "ids" | "filter">;
  roles: readonly Role[];
  bulk: ActionOf<typeof bulkUpdateUsers>;
  dialog: FormDialogControls;
  /** Called once they are changed. */
  done: () => void;
};

/** Changes many users: asks for what to set, shows what that changes, then changes it and says how many. */
export function BulkForm({ kind, who, roles, bulk, dialog, done }: Props) {
  const [draft, setDraft] = useState<Draft>(FIRST_DRAFT);
  const [preview, setPreview] = useState<Preview | null>(null);
  if (preview === null) {
    return (
      <DialogForm
        submit="Preview"
        send={async () => previewOf(await bulk({ ...who, set: setOf(kind, draft), dry_run: true }))}
        onSent={setPreview}
        onCancel={dialog.close}
      >
        <BulkFields kind={kind} roles={roles} value={draft} onChange={setDraft} />
      </DialogForm>
    );
  }
  const changing = plural(preview.changes.length, "user");
  return (
    <DialogForm
      key="preview"
      submit={`${SUBMIT[kind]} ${changing}`}
      cancel="Back"
      danger={kind === "deactivate" || kind === "revoke"}
      // Those of the preview, even if others match by now.
      send={() => bulk({ ids: preview.changes.map(({ id }) => id), set: setOf(kind, draft) })}
      onSent={({ changed }) => {
        dialog.show({
          title: `${plural(changed, "user")} changed`,
          description: DONE[kind],
          body: <ResultPanel onDone={dialog.close}>{unchangedText(preview)}</ResultPanel>,
        });
        done();
      }}
      onCancel={() => setPreview(null)}
    >
      <BulkPreview changes={preview.changes} unchanged={preview.matched - preview.changes.length} />
    </DialogForm>
  );
}

type Draft = { days: string; date: string; role: Role; budget: ReturnType<typeof budgetDraft> };
type Preview = { matched: number; changes: UserChange[] };

const FIRST_DRAFT: Draft = { days: "30", date: "", role: "member", budget: budgetDraft(null) };

const ON_A_DATE = "date";
const EXTENSIONS = [
  { value: "7", label: "By 7 days" },
  { value: "30", label: "By 30 days" },
  { value: "90", label: "By 90 days" },
  { value: "365", label: "By 1 year" },
  { value: ON_A_DATE, label: "Until a date…" },
];

const SUBMIT: Record<BulkKind, string> = {
  extend: "Extend",
  role: "Change",
  budget: "Change",
  deactivate: "End payment of",
  revoke: "Revoke keys of",
};

const DONE: Record<BulkKind, string> = {
  extend: "The new payment dates count from the next request on.",
  role: "The new role counts from the next request on. Open sessions of these users have ended.",
  budget: "The new budget counts from the next request on.",
  deactivate: "Requests of these users are rejected from now on.",
  revoke: "Requests with the revoked keys are rejected from now on.",
};

function setOf(kind: BulkKind, { days, date, role, budget }: Draft): Bulk["set"] {
  switch (kind) {
    case "extend":
      return days === ON_A_DATE ? { payment_valid_until: date } : { extend_days: Number(days) };
    case "role":
      return { role };
    case "budget":
      return { budget: budgetFrom(budget) };
    case "deactivate":
      return { payment_valid_until: dayOf(Date.now() - 86_400_000) };
    case "revoke":
      return { revoke_keys: true };
  }
}

/** What a dry run says, with errors at the fields of this form. */
function previewOf(result: ActionResult<OutputOf<typeof bulkUpdateUsers>>): ActionResult<Preview> {
  if (!result.ok) {
    const fields = Object.entries(result.error.fields).map(([path, text]) => [
      path.replace(/^set\./, ""),
      text,
    ]);
    return { ok: false, error: { message: result.error.message, fields: Object.fromEntries(fields) } };
  }
  const { matched, changes = [] } = result.data;
  if (changes.length > 0) return { ok: true, data: { matched, changes } };
  const message = `Nothing to change: ${matched === 1 ? "the user has" : `all ${plural(matched, "user")} have`} this already.`;
  return { ok: false, error: { message, fields: {} } };
}

const unchangedText = ({ matched, changes }: Preview): string =>
  matched === changes.length
    ? "Each change is in the audit log."
    : `${plural(matched - changes.length, "other user")} had nothing to change. Each change is in the audit log.`;

type FieldsProps = {
  kind: BulkKind;
  roles: readonly Role[];
  value: Draft;
  onChange: (draft: Draft) => void;
};

function BulkFields({ kind, roles, value, onChange }: FieldsProps) {
  const set = (change: Partial<Draft>) => onChange({ ...value, ...change });
  switch (kind) {
    case "extend":
      return (
        <>
          <ChoiceField
            name="extend_days"
            label="Extend"
            value={value.days}
            onChange={(days) => set({ days })}
            options={EXTENSIONS}
            hint="Days count from the end of the payment, or from today if that has passed. Users without a date keep none."
          />
          {value.days === ON_A_DATE ? (
            <TextField
              name="payment_valid_until"
              label="Payment valid until"
              type="date"
              value={value.date}
              onChange={(date) => set({ date })}
              hint="The last valid day, in UTC. Users without a date get this one, too."
            />
          ) : null}
        </>
      );
    case "role":
      return (
        <RoleField roles={roles} scopes={ROLE_SCOPES} value={value.role} onChange={(role) => set({ role })} />
      );
    case "budget":
      return <BudgetField value={value.budget} onChange={(budget) => set({ budget })} />;
    case "deactivate":
      return (
        <p className="text-ink-2 text-sm">
          The payment of these users ends yesterday, so that their requests are rejected from now on. They can
          still sign in. Extend the payment to undo it.
        </p>
      );
    case "revoke":
      return (
        <p className="text-ink-2 text-sm">
          All API keys of these users are revoked, and rejected immediately. This cannot be undone. Their past
          requests stay in the ledger.
        </p>
      );
  }
}
