import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { PageHeader } from "#components/shell/page-header";
import { CreateWebhook } from "#components/webhooks/create-webhook";
import { webhookFormOptions } from "#lib/portal/webhooks/webhook-form-options";
import { serviceContext } from "../service-context";
import { StreamedTable } from "../streamed-table";
import { createWebhookAction } from "./actions";
import { WebhookList } from "./webhook-list";
import { loadWebhookParams, webhooksHref } from "./webhook-params";

export const metadata: Metadata = { title: "Webhooks" };

export default async function WebhooksPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadWebhookParams(searchParams);
  const ctx = await serviceContext(webhooksHref("/webhooks", params));
  const options = await webhookFormOptions(ctx);
  if (options === null) notFound();
  return (
    <>
      <PageHeader
        title="Webhooks"
        description="Budgets, payments, keys and providers: what happens is posted to your systems or to Slack."
      >
        <CreateWebhook options={options} create={createWebhookAction} />
      </PageHeader>
      <StreamedTable id={`${params.cursor}`} what="webhooks" rows={4}>
        <WebhookList ctx={ctx} params={params} />
      </StreamedTable>
    </>
  );
}
