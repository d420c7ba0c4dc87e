import { exactUsd, ledgerUsd, shortUsd, totalUsd } from "#components/format/usd";
import { Tooltip } from "./tooltip";

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
  const text = <span className={className}>{short}</span>;
  return short === exact || short === "$0.00" ? text : <Tooltip content={exact}>{text}</Tooltip>;
}

/** An amount in a column: the points align and the significant digits stand out. */
export function LedgerMoney({ usd }: { usd: string }) {
  const { lead, rest } = ledgerUsd(usd);
  return (
    <Tooltip content={exactUsd(usd)}>
      <span className="figures relative">
        <span className="text-ink-3">{lead}</span>
        <span className="font-medium text-ink">{rest}</span>
      </span>
    </Tooltip>
  );
}

/** The hold of a request in progress, in the column of the costs but distinct from them. */
export function HeldMoney({ usd }: { usd: string }) {
  const { lead, rest } = ledgerUsd(usd);
  return (
    <Tooltip content={`${exactUsd(usd)} held, not final`}>
      <span className="figures relative text-wait">
        {lead}
        {rest}
        <span className="sr-only"> held</span>
      </span>
    </Tooltip>
  );
}
