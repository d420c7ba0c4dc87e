import { priceWords, SOURCE_WORDS } from "#components/format/price-words";
import { MomentCell } from "#components/ui/moment-cell";
import { Table, Td, Th, Tr } from "#components/ui/table";
import type { ModelPrice } from "#lib/services/models/list-model-prices";

type Props = { prices: readonly ModelPrice[]; nowMs: number };

/** What a model has cost, newest first. */
export const PriceHistory = ({ prices, nowMs }: Props) => (
  <Table
    label="Price history"
    head={
      <>
        <Th>Target</Th>
        <Th>Price per million tokens</Th>
        <Th className="hidden sm:table-cell">Source</Th>
        <Th className="text-right">Since</Th>
        <Th className="hidden text-right md:table-cell">Until</Th>
      </>
    }
  >
    {prices.map((price) => (
      <Tr key={`${price.provider_id} ${price.upstream_model} ${price.since}`}>
        <Td className="max-w-64">
          <span className="block truncate text-ink">{price.provider_name ?? "Deleted provider"}</span>
          <code className="block truncate font-mono text-ink-3 text-xs">{price.upstream_model}</code>
        </Td>
        <Td className="figures text-ink-2">{priceWords(price.price)}</Td>
        <Td className="hidden text-ink-2 sm:table-cell">{SOURCE_WORDS[price.price_source]}</Td>
        <MomentCell iso={price.since} nowMs={nowMs} />
        {price.until === null ? (
          <Td className="hidden text-right text-ink-2 md:table-cell">In force</Td>
        ) : (
          <MomentCell iso={price.until} nowMs={nowMs} className="hidden md:table-cell" />
        )}
      </Tr>
    ))}
  </Table>
);
