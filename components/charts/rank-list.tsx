"use client";

import Link from "next/link";
import { Card, CardHeader } from "#components/ui/card";
import { Money } from "#components/ui/money";

export type Rank = {
  id: string;
  label: string;
  /** Next to the label, fainter. */
  detail: string;
  usd: string;
  href: string;
};

type Props = {
  title: string;
  ranks: readonly Rank[];
  empty: string;
  /** Where all of them are. */
  allHref: string;
  className?: string;
};

/** Items by cost, highest first, each with its amount and a bar relative to the first. */
export function RankList({ title, ranks, empty, allHref, className }: Props) {
  const most = Number(ranks[0]?.usd ?? 0);
  return (
    <Card className={className}>
      <CardHeader
        title={title}
        className="pb-1"
        aside={
          <Link
            href={allHref}
            className="-my-1 -mr-1 rounded-sm px-1 py-1 text-ink-3 text-xs transition-colors hover:text-ink"
          >
            Show all<span className="sr-only"> by spend: {title.toLowerCase()}</span>
          </Link>
        }
      />
      {ranks.length === 0 ? (
        <p className="px-4 pb-6 text-ink-3 text-sm">{empty}</p>
      ) : (
        <ol className="px-2 pb-2">
          {ranks.map((rank) => (
            <li key={rank.id}>
              <Link
                href={rank.href}
                className="block rounded-md px-2 py-1.5 transition-colors hover:bg-sunken focus-visible:outline-offset-0"
              >
                <span className="flex items-baseline gap-2 text-sm">
                  <span className="min-w-0 truncate text-ink">{rank.label}</span>
                  <span className="figures min-w-0 flex-1 truncate text-ink-3 text-xs">{rank.detail}</span>
                  <Money usd={rank.usd} isTotal className="figures font-medium text-ink" />
                </span>
                <span className="mt-1.5 block h-1 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
                  <span
                    className="block h-full min-w-px rounded-full bg-chart-2"
                    style={{ width: most > 0 ? `${(Number(rank.usd) / most) * 100}%` : 0 }}
                  />
                </span>
              </Link>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
