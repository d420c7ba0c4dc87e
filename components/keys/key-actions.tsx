"use client";

import { Ban, RotateCw } from "lucide-react";
import { ActionsMenu, editAction, type MenuAction } from "#components/dialogs/actions-menu";
import { creditActions } from "#components/dialogs/credit-form";
import { RotateForm } from "#components/dialogs/rotate-form";
import type { Role } from "#lib/auth/actor";
import type { KeyFormOptions } from "#lib/portal/keys/key-form-options";
import type { createAdjustment } from "#lib/services/adjustments/create-adjustment";
import type { Key } from "#lib/services/keys/key";
import type { revokeKey } from "#lib/services/keys/revoke-key";
import type { rotateKey } from "#lib/services/keys/rotate-key";
import type { updateKey } from "#lib/services/keys/update-key";
import type { ActionOf } from "#lib/services/verb";
import { CreatedKeyPanel } from "./created-key-panel";
import { EditKeyForm } from "./edit-key-form";

export type KeyActionsProps = {
  apiKey: Key;
  role: Role;
  options: KeyFormOptions;
  /** Whether they end a table row rather than the key's page. */
  inRow?: boolean;
  actions: {
    adjust: ActionOf<typeof createAdjustment>;
    update: ActionOf<typeof updateKey>;
    rotate: ActionOf<typeof rotateKey>;
    revoke: ActionOf<typeof revokeKey>;
  };
};

/** The actions on a key that is active or expired. */
export function KeyActions({ apiKey, role, options, inRow = false, actions }: KeyActionsProps) {
  const { id, name } = apiKey;
  const revoke: MenuAction = {
    label: "Revoke",
    icon: Ban,
    danger: true,
    title: `Revoke “${name}”?`,
    description: (
      <>
        Requests with <code className="font-mono text-ink text-xs">{apiKey.key_prefix}…</code> are rejected
        immediately. This cannot be undone. Its past requests stay in the ledger.
      </>
    ),
    confirm: "Revoke key",
    run: () => actions.revoke({ id }),
    toast: "Key revoked.",
  };
  const edit = editAction(name, ({ close, done }) => (
    <EditKeyForm
      apiKey={apiKey}
      role={role}
      options={options}
      update={actions.update}
      onCancel={close}
      onSaved={() => done("Key updated.")}
    />
  ));
  const rotate: MenuAction = {
    label: "Rotate",
    icon: RotateCw,
    title: `Rotate “${name}”`,
    description:
      "Replaces the key’s secret. Its settings stay the same, within what the organization allows.",
    form: ({ close, show }) => (
      <RotateForm
        id={id}
        noun="key"
        inGrace={apiKey.previous_key_expires_at !== null}
        rotate={actions.rotate}
        onCancel={close}
        onRotated={(key) =>
          show({
            title: "Key rotated",
            description: "The new key works immediately.",
            body: (
              <CreatedKeyPanel
                created={key}
                model={key.allowed_models?.[0] ?? options.models[0] ?? "gpt-4o-mini"}
                onDone={close}
              />
            ),
          })
        }
      />
    ),
  };
  return (
    <ActionsMenu
      inRow={inRow}
      name={name}
      actions={[
        revoke,
        edit,
        ...(role === "admin" && apiKey.budget ? creditActions(name, { api_key_id: id }, actions.adjust) : []),
        ...(apiKey.status === "active" ? [rotate] : []),
      ]}
    />
  );
}
