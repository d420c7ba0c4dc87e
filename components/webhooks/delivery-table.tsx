import { eventWords } from "#components/format/event-words";
import { Badge } from "#components/ui/badge";
import { MomentCell } from "#components/ui/moment-cell";
import { ActionsTd, ActionsTh, Table, Td, Th, Tr } from "#components/ui/table";
import type { ActionOf } from "#lib/services/verb";
import type { Delivery } from "#lib/services/webhooks/delivery";
import type { replayDelivery } from "#lib/services/webhooks/replay-delivery";
import { SendAgain } from "./send-again";

type Props = {
  deliveries: readonly Delivery[];
  /** Whether the webhook gets anything at present. */
  enabled: boolean;
  nowMs: number;
  replay: ActionOf<typeof replayDelivery>;
};

const STATUSES = {
  delivered: <Badge tone="accent">Delivered</Badge>,
  pending: <Badge tone="wait">Waiting</Badge>,
  failed: <Badge tone="danger">Failed</Badge>,
};

export const DeliveryTable = ({ deliveries, ...row }: Props) => (
  <Table
    label="Deliveries"
    head={
      <>
        <Th>Event</Th>
        <Th>Status</Th>
        <Th className="hidden text-right sm:table-cell">Answer</Th>
        <Th className="hidden text-right sm:table-cell">Attempts</Th>
        <Th className="text-right">Created</Th>
        <ActionsTh />
      </>
    }
  >
    {deliveries.map((delivery) => (
      <DeliveryRow key={delivery.id} delivery={delivery} {...row} />
    ))}
  </Table>
);

type RowProps = Omit<Props, "deliveries"> & { delivery: Delivery };

function DeliveryRow({ delivery, enabled, nowMs, replay }: RowProps) {
  const { id, type, status, error } = delivery;
  const isRepeatable = enabled && status !== "pending" && type !== "webhook.test";
  return (
    <Tr>
      <Td className="max-w-40 sm:max-w-72">
        <span className="block truncate text-ink">{eventWords(type)}</span>
        <span className="mt-0.5 block truncate text-ink-3 text-xs" title={error ?? undefined}>
          {error ?? <code className="font-mono">{type}</code>}
        </span>
      </Td>
      <Td>{STATUSES[status]}</Td>
      <Td className="figures hidden text-right text-ink-2 sm:table-cell">{delivery.http_status ?? "—"}</Td>
      <Td className="figures hidden text-right text-ink-2 sm:table-cell">{delivery.attempts}</Td>
      <MomentCell iso={delivery.created_at} nowMs={nowMs} />
      <ActionsTd>
        {isRepeatable ? <SendAgain id={id} what={eventWords(type)} replay={replay} /> : null}
      </ActionsTd>
    </Tr>
  );
}
