import { Pager } from "#components/filters/pager";
import { EmptyState } from "#components/ui/empty-state";
import { WebhookTable } from "#components/webhooks/webhook-table";
import { webhookTable } from "#lib/portal/webhooks/webhook-table";
import type { ServiceContext } from "#lib/services/context";
import { type WebhookParams, webhooksHref } from "./webhook-params";

type Props = { ctx: ServiceContext; params: WebhookParams };

export async function WebhookList({ ctx, params: { cursor } }: Props) {
  const { data, next_cursor } = await webhookTable(ctx, { cursor: cursor ?? undefined });
  if (data.length === 0) {
    return (
      <EmptyState title="No webhooks yet">
        Create one to be told in Slack, or by your own systems, when a budget is nearly spent or a provider is
        down.
      </EmptyState>
    );
  }
  return (
    <>
      <WebhookTable webhooks={data} />
      <Pager
        shown={data.length}
        noun="webhook"
        cursor={cursor}
        nextCursor={next_cursor}
        hrefAt={(at) => webhooksHref("/webhooks", { cursor: at })}
      />
    </>
  );
}
