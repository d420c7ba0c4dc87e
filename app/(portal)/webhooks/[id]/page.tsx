import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { exactMinute } from "#components/format/time";
import { DetailHeader } from "#components/shell/detail-header";
import { DetailSkeleton } from "#components/shell/detail-skeleton";
import { Callout } from "#components/ui/callout";
import { TestWebhook } from "#components/webhooks/test-webhook";
import { WebhookActions } from "#components/webhooks/webhook-actions";
import { WebhookStatus } from "#components/webhooks/webhook-status";
import { webhookFormOptions } from "#lib/portal/webhooks/webhook-form-options";
import { namedWebhook } from "#lib/portal/webhooks/webhook-table";
import { orNotFound } from "../../or-not-found";
import { serviceContext } from "../../service-context";
import { Streamed } from "../../streamed";
import { deleteWebhookAction, rotateWebhookAction, testWebhookAction, updateWebhookAction } from "../actions";
import { loadWebhookParams, webhooksHref } from "../webhook-params";
import { WebhookDetails } from "./webhook-details";

export const metadata: Metadata = { title: "Webhook" };

type Props = { params: Promise<{ id: string }>; searchParams: Promise<SearchParams> };

export default async function WebhookPage({ params, searchParams }: Props) {
  const { id } = await params;
  const { cursor } = await loadWebhookParams(searchParams);
  const ctx = await serviceContext(webhooksHref(`/webhooks/${encodeURIComponent(id)}`, { cursor }));
  const webhook = await orNotFound(namedWebhook(ctx, id));
  const { host, previous_secret_expires_at: graceEnd } = webhook;
  const options = await webhookFormOptions(ctx);
  return (
    <>
      <DetailHeader
        back={{ href: "/webhooks", label: "Webhooks" }}
        title={host}
        badge={<WebhookStatus webhook={webhook} />}
        idLabel="webhook ID"
        id={webhook.id}
      >
        {options ? (
          <>
            <TestWebhook id={webhook.id} test={testWebhookAction} />
            <WebhookActions
              webhook={webhook}
              name={host}
              options={options}
              actions={{
                update: updateWebhookAction,
                rotate: rotateWebhookAction,
                remove: deleteWebhookAction,
              }}
            />
          </>
        ) : null}
      </DetailHeader>
      {graceEnd ? (
        <Callout tone="wait" className="mb-4">
          The previous secret signs, too, until {exactMinute(graceEnd)}.
        </Callout>
      ) : null}
      <Streamed id={`${webhook.id} ${cursor}`} fallback={<DetailSkeleton what="the webhook" />}>
        <WebhookDetails ctx={ctx} webhook={webhook} cursor={cursor} />
      </Streamed>
    </>
  );
}
