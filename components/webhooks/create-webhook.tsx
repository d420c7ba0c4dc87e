"use client";

import { CreateDialog } from "#components/dialogs/create-dialog";
import { showDone } from "#components/ui/toast";
import type { WebhookFormOptions } from "#lib/portal/webhooks/webhook-form-options";
import type { ActionOf } from "#lib/services/verb";
import type { createWebhook } from "#lib/services/webhooks/create-webhook";
import { WebhookForm } from "./webhook-form";
import { WebhookSecret } from "./webhook-secret";

type Props = { options: WebhookFormOptions; create: ActionOf<typeof createWebhook> };

/** The button that creates a webhook, and its dialog: the form, then the secret of a signed one, shown once. */
export const CreateWebhook = ({ options, create }: Props) => (
  <CreateDialog
    label="Create webhook"
    description="Tollgate posts to its URL what happens."
    form={({ close, show }) => (
      <WebhookForm
        webhook={null}
        options={options}
        send={create}
        onCancel={close}
        onSaved={({ format, secret }) => {
          if (format === "standard")
            return show({
              title: "Webhook created",
              description: "It gets what happens from now on.",
              body: <WebhookSecret secret={secret} onDone={close} />,
            });
          close();
          showDone("Webhook created.");
        }}
      />
    )}
  />
);
