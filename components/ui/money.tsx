import { exactUsd, ledgerUsd, shortUsd, totalUsd } from "#components/format/usd";

type MoneyProps = {
  usd: string;
  /** A sum of many requests is shown to the cent. */
  isTotal?: boolean;
  className?: string;
};

/** A short amount; the exact amount on hover. */
export function Money({ usd, isTotal = false, className }: MoneyProps) {
  const short = isTotal ? totalUsd(usd) : shortUsd(usd);
  const exact = exactUsd(usd);
  return (
    <span className={className} data-tip={short === exact || short === "$0.00" ? undefined : exact}>
      {short}
    </span>
  );
}

/** An amount in a column: the points align and the significant digits stand out. */
export function LedgerMoney({ usd }: { usd: string }) {
  const { lead, rest } = ledgerUsd(usd);
  return (
    <span className="figures relative" data-tip={exactUsd(usd)}>
      <span className="text-ink-3">{lead}</span>
      <span className="font-medium text-ink">{rest}</span>
    </span>
  );
}

/** The hold of a request in progress, in the column of the costs but distinct from them. */
export function HeldMoney({ usd }: { usd: string }) {
  const { lead, rest } = ledgerUsd(usd);
  return (
    <span className="figures relative text-wait" data-tip={`${exactUsd(usd)} held, not final`}>
      {lead}
      {rest}
      <span className="sr-only"> held</span>
    </span>
  );
}
