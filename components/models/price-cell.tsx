import type { ReactNode } from "react";
import { priceWords, SOURCE_WORDS } from "#components/format/price-words";
import { Td, Th } from "#components/ui/table";
import type { Model } from "#lib/services/models/model";
import type { Price } from "#lib/services/prices/price";

/** The head of a column of `PriceCell`s. */
export const PriceTh = () => <Th className="text-right">Price per million tokens</Th>;

type Props = {
  /** null for a model whose targets differ. */
  price: Price | null;
  source: Model["price_source"];
  /** What follows the source. */
  children?: ReactNode;
};

/** A price and where it comes from. */
export const PriceCell = ({ price, source, children }: Props) => (
  <Td className="figures text-right">
    <span className="block text-ink">{price ? priceWords(price) : "By target"}</span>
    {source ? (
      <span className="block text-ink-3 text-xs">
        {SOURCE_WORDS[source]}
        {children}
      </span>
    ) : null}
  </Td>
);
