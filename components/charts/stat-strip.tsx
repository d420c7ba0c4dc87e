import type { ReactNode } from "react";
import { cn } from "#components/ui/cn";

type Stat = {
  label: string;
  value: ReactNode;
  /** The change from the previous period: "+12%". */
  change: string | null;
  /** Whether the change is bad. */
  alarming?: boolean;
  detail: string;
};

/** The lines between four cells: in two columns, or side by side where there is room. */
export const stripBorders = (index: number): string =>
  cn(index % 2 === 1 && "border-l", index > 1 && "border-t lg:border-t-0", index === 2 && "lg:border-l");

type Props = {
  stats: readonly Stat[];
  /** What changes are from: "previous 7 days". */
  compared: string;
};

/** The most important figures. */
export function StatStrip({ stats, compared }: Props) {
  return (
    <dl className="panel grid grid-cols-2 overflow-hidden lg:grid-cols-4">
      {stats.map((stat, index) => (
        <div key={stat.label} className={cn("flex min-w-0 flex-col px-4 py-4 lg:px-5", stripBorders(index))}>
          <dt className="text-ink-2 text-xs">{stat.label}</dt>
          <dd className="figures mt-1.5 truncate font-medium text-2xl text-ink">{stat.value}</dd>
          <dd className="mt-1 flex min-w-0 flex-wrap items-baseline gap-x-2 text-xs">
            {stat.change ? (
              <span
                className={cn("figures font-medium", stat.alarming ? "text-danger" : "text-ink-2")}
                title={`compared with the ${compared}`}
              >
                {stat.change}
                <span className="sr-only"> compared with the {compared}</span>
              </span>
            ) : null}
            <span className="truncate text-ink-3">{stat.detail}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
