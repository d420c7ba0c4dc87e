import { Day } from "#components/ui/day";
import { LinkedTr, RowLink, Table, Td, Th } from "#components/ui/table";
import type { WebhookTableRow } from "#lib/portal/webhooks/webhook-table";
import { WebhookStatus } from "./webhook-status";

type Props = { webhooks: readonly WebhookTableRow[] };

export const WebhookTable = ({ webhooks }: Props) => (
  <Table
    label="Webhooks"
    head={
      <>
        <Th>Webhook</Th>
        <Th className="hidden sm:table-cell">Events of</Th>
        <Th className="hidden md:table-cell">Created</Th>
        <Th>Status</Th>
      </>
    }
  >
    {webhooks.map((webhook) => (
      <LinkedTr key={webhook.id}>
        <Td className="max-w-40 sm:max-w-64">
          <RowLink href={`/webhooks/${webhook.id}`} className="block truncate">
            {webhook.host}
          </RowLink>
          <span className="mt-0.5 block truncate text-ink-3 text-xs">
            {webhook.format === "slack" ? "Slack" : "Signed JSON"}, {webhook.events.length} events
          </span>
        </Td>
        <Td className="hidden max-w-44 truncate text-ink-2 sm:table-cell">
          {webhook.organization_id === null ? "All organizations" : webhook.organization_name}
        </Td>
        <Td className="hidden text-ink-2 md:table-cell">
          <Day iso={webhook.created_at} />
        </Td>
        <Td>
          <WebhookStatus webhook={webhook} />
        </Td>
      </LinkedTr>
    ))}
  </Table>
);
