import { Pager } from "#components/filters/pager";
import { eventWords } from "#components/format/event-words";
import { DetailGrid } from "#components/shell/detail-grid";
import { changeHistory, DetailsCard } from "#components/shell/details-card";
import { Card, CardHeader } from "#components/ui/card";
import { Day } from "#components/ui/day";
import { EmptyState } from "#components/ui/empty-state";
import { DeliveryTable } from "#components/webhooks/delivery-table";
import type { WebhookTableRow } from "#lib/portal/webhooks/webhook-table";
import type { ServiceContext } from "#lib/services/context";
import { listDeliveries } from "#lib/services/webhooks/list-deliveries";
import { replayDeliveryAction } from "../actions";
import { webhooksHref } from "../webhook-params";

type Props = { ctx: ServiceContext; webhook: WebhookTableRow; cursor: string | null };

export async function WebhookDetails({ ctx, webhook, cursor }: Props) {
  const { id, enabled, events } = webhook;
  const { data, next_cursor } = await listDeliveries(ctx, { id, cursor: cursor ?? undefined });
  return (
    <DetailGrid
      main={
        <Card>
          <CardHeader title="Deliveries" />
          {data.length === 0 ? (
            <EmptyState title="Nothing delivered yet">Send a test to see that it arrives.</EmptyState>
          ) : (
            <>
              <DeliveryTable
                deliveries={data}
                enabled={enabled}
                nowMs={Date.now()}
                replay={replayDeliveryAction}
              />
              <Pager
                shown={data.length}
                noun="event"
                cursor={cursor}
                nextCursor={next_cursor}
                hrefAt={(at) => webhooksHref(`/webhooks/${id}`, { cursor: at })}
              />
            </>
          )}
        </Card>
      }
      aside={
        <DetailsCard
          facts={[
            {
              label: "URL",
              value: <code className="break-all font-mono text-xs">{webhook.url}</code>,
              copy: webhook.url,
            },
            { label: "Format", value: webhook.format === "slack" ? "Slack message" : "Signed JSON" },
            {
              label: "Events of",
              value:
                webhook.organization_id === null ? "All organizations" : (webhook.organization_name ?? "—"),
            },
            {
              label: "Events",
              value: (
                <ul>
                  {events.map((type) => (
                    <li key={type}>{eventWords(type)}</li>
                  ))}
                </ul>
              ),
            },
            { label: "Created", value: <Day iso={webhook.created_at} /> },
          ]}
          links={[changeHistory(id)]}
        />
      }
    />
  );
}
