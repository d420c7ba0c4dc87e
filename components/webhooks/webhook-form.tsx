"use client";

import { useState } from "react";
import { EntityForm } from "#components/dialogs/dialog-form";
import { ChecksField } from "#components/fields/checks-field";
import { ChoiceField } from "#components/fields/choice-field";
import { OrganizationField } from "#components/fields/entity-fields";
import { TextField } from "#components/fields/text-field";
import { type EventType, eventChoices } from "#components/format/event-words";
import type { ActionResult } from "#lib/http/action-result";
import type { WebhookFormOptions } from "#lib/portal/webhooks/webhook-form-options";
import type { InputOf } from "#lib/services/verb";
import type { createWebhook } from "#lib/services/webhooks/create-webhook";
import type { Webhook } from "#lib/services/webhooks/webhook";

type Props<Saved> = {
  options: WebhookFormOptions;
  /** Null for a new webhook. */
  webhook: Webhook | null;
  onCancel: () => void;
  onSaved: (saved: Saved) => void;
  send: (draft: InputOf<typeof createWebhook>) => Promise<ActionResult<Saved>>;
};

const ALL = { value: "all", label: "All organizations" };
const FORMATS = [
  { value: "standard" as const, label: "JSON, signed (Standard Webhooks)" },
  { value: "slack" as const, label: "A message for Slack or Mattermost" },
];

export function WebhookForm<Saved>({ options, webhook, send, ...closing }: Props<Saved>) {
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [organizationId, setOrganizationId] = useState(
    options.maySeeAll ? ALL.value : (options.organizations[0]?.id ?? ""),
  );
  const [format, setFormat] = useState<Webhook["format"]>(webhook?.format ?? "standard");
  const [events, setEvents] = useState<EventType[]>(
    webhook?.events ?? eventChoices(false).map(({ value }) => value),
  );
  const choices = eventChoices(
    webhook === null ? organizationId !== ALL.value : webhook.organization_id !== null,
  );
  const draft = () => ({
    url: url.trim(),
    events: events.filter((type) => choices.some(({ value }) => value === type)),
    format,
    ...(webhook === null && organizationId !== ALL.value ? { organization_id: organizationId } : {}),
  });
  return (
    <EntityForm {...closing} noun="webhook" isNew={webhook === null} send={() => send(draft())}>
      <TextField
        name="url"
        label="URL"
        value={url}
        onChange={setUrl}
        placeholder="https://hooks.example.com/tollgate"
        inputMode="url"
        autoFocus
      />
      {webhook === null && options.maySeeAll ? (
        <OrganizationField
          organizations={options.organizations}
          others={[ALL]}
          value={organizationId}
          onChange={setOrganizationId}
          hint="Whose events it gets."
        />
      ) : null}
      <ChoiceField name="format" label="Format" value={format} onChange={setFormat} options={FORMATS} />
      <ChecksField
        name="events"
        label="Events"
        isLabelled
        options={choices}
        value={events}
        onChange={setEvents}
      />
    </EntityForm>
  );
}
