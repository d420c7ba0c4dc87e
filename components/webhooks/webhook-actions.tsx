"use client";

import { Ban, Play, RotateCw } from "lucide-react";
import { ActionsMenu, deleteAction, editAction, type MenuAction } from "#components/dialogs/actions-menu";
import { RotateForm } from "#components/dialogs/rotate-form";
import type { WebhookFormOptions } from "#lib/portal/webhooks/webhook-form-options";
import type { ActionOf } from "#lib/services/verb";
import type { deleteWebhook } from "#lib/services/webhooks/delete-webhook";
import type { rotateWebhook } from "#lib/services/webhooks/rotate-webhook";
import type { updateWebhook } from "#lib/services/webhooks/update-webhook";
import type { Webhook } from "#lib/services/webhooks/webhook";
import { WebhookForm } from "./webhook-form";
import { WebhookSecret } from "./webhook-secret";

type Props = {
  webhook: Webhook;
  /** Its name in words. */
  name: string;
  options: WebhookFormOptions;
  actions: {
    update: ActionOf<typeof updateWebhook>;
    rotate: ActionOf<typeof rotateWebhook>;
    remove: ActionOf<typeof deleteWebhook>;
  };
};

/** The actions on a webhook. */
export function WebhookActions({ webhook, name, options, actions: { update, rotate, remove } }: Props) {
  const { id, format } = webhook;
  const edit = editAction(name, ({ close, done }) => (
    <WebhookForm
      {...{ webhook, options }}
      onCancel={close}
      onSaved={() => done("Webhook updated.")}
      send={(draft) => update({ ...draft, id })}
    />
  ));
  const removing = deleteAction("webhook", {
    name,
    description: "It gets nothing any more, and its deliveries are deleted. This cannot be undone.",
    run: () => remove({ id }),
    leaveTo: "/webhooks",
  });
  const others = [enabling(webhook, name, update), removing];
  return (
    <ActionsMenu
      name={name}
      actions={[edit, ...(format === "standard" ? [rotating(webhook, name, rotate)] : []), ...others]}
    />
  );
}

const rotating = (
  { id, previous_secret_expires_at: graceEnd }: Webhook,
  name: string,
  rotate: ActionOf<typeof rotateWebhook>,
): MenuAction => ({
  icon: RotateCw,
  label: "Rotate secret",
  title: `Rotate the secret of “${name}”`,
  description: "Until the old secret expires, deliveries have a signature by each.",
  form: ({ close, show }) => (
    <RotateForm
      {...{ id, rotate }}
      noun="secret"
      inGrace={graceEnd !== null}
      onCancel={close}
      onRotated={({ secret }) =>
        show({
          title: "Secret rotated",
          description: "It signs from the next delivery on.",
          body: <WebhookSecret secret={secret} onDone={close} />,
        })
      }
    />
  ),
});

const enabling = (
  { id, enabled }: Webhook,
  name: string,
  update: ActionOf<typeof updateWebhook>,
): MenuAction => {
  const run = () => update({ id, enabled: !enabled });
  return enabled
    ? {
        label: "Disable",
        icon: Ban,
        title: `Disable “${name}”?`,
        description: "It gets nothing until it is enabled again.",
        confirm: "Disable webhook",
        run,
        toast: "Webhook disabled.",
      }
    : {
        label: "Enable",
        icon: Play,
        title: `Enable “${name}”?`,
        description: "It gets what happens from now on, and what was on its way.",
        confirm: "Enable webhook",
        harmless: true,
        run,
        toast: "Webhook enabled.",
      };
};
