import { cn } from "./cn";
import { Moment } from "./moment";
import { Td } from "./table";

type Props = {
  /** Null: it has never happened. */
  iso: string | null;
  nowMs: number;
  /** Whether the row is a link, above which the moment's tooltip must be. */
  inLink?: boolean;
  className?: string;
};

/** A row's moment, at the right. */
export const MomentCell = ({ iso, nowMs, inLink = false, className }: Props) => (
  <Td className={cn("figures whitespace-nowrap text-right text-ink-2", className)}>
    {iso === null ? "Never" : <Moment iso={iso} nowMs={nowMs} className={inLink ? "relative" : undefined} />}
  </Td>
);
