import Link from "next/link";
import { Badge } from "#components/ui/badge";
import { Moment } from "#components/ui/moment";
import { StatusDot } from "#components/ui/status-dot";
import { Table, Td, Th, Tr } from "#components/ui/table";
import type { ModelTargetRow } from "#lib/portal/models/model-targets";
import { PriceCell, PriceTh } from "./price-cell";

type Props = {
  targets: readonly ModelTargetRow[];
  nowMs: number;
  /** Whether the reader may open the pages of providers. */
  isAdmin: boolean;
  isWeighted: boolean;
};

/** Where a model is served, in the order in which `priority` tries its targets. */
export const TargetTable = ({ targets, nowMs, isAdmin, isWeighted }: Props) => (
  <Table
    label="Targets"
    head={
      <>
        <Th className="w-0">Order</Th>
        <Th>Target</Th>
        {isWeighted ? <Th className="text-right">Weight</Th> : null}
        <Th className="hidden sm:table-cell">State</Th>
        <PriceTh />
      </>
    }
  >
    {targets.map((target, index) => (
      <Tr key={`${target.provider_id} ${target.upstream_model}`}>
        <Td className="figures text-ink-3">{index + 1}</Td>
        <Td className="max-w-44 sm:max-w-64">
          {isAdmin ? (
            <Link
              href={`/providers/${target.provider_id}`}
              className="rounded-xs font-medium text-ink underline decoration-line-strong underline-offset-3 hover:decoration-accent"
            >
              {target.provider_name}
            </Link>
          ) : (
            target.provider_name
          )}
          <code className="block truncate font-mono text-ink-3 text-xs">{target.upstream_model}</code>
          {target.enabled && !target.down ? null : (
            <span className="sm:hidden">
              <TargetState target={target} />
            </span>
          )}
        </Td>
        {isWeighted ? <Td className="figures text-right text-ink-2">{target.weight}</Td> : null}
        <Td className="hidden sm:table-cell">
          <TargetState target={target} />
        </Td>
        <PriceCell price={target.price} source={target.price_source}>
          {target.price_since === null ? null : (
            <>
              , since <Moment iso={target.price_since} nowMs={nowMs} />
            </>
          )}
        </PriceCell>
      </Tr>
    ))}
  </Table>
);

function TargetState({ target: { enabled, down } }: { target: ModelTargetRow }) {
  if (!enabled) return <Badge>Disabled</Badge>;
  if (down) return <Badge tone="danger">Down</Badge>;
  return down === null ? <StatusDot tone="neutral">Enabled</StatusDot> : <StatusDot>Up</StatusDot>;
}
