"use client";

import { ChevronRight } from "lucide-react";
import { useId } from "react";
import { Card } from "#components/ui/card";
import { cn } from "#components/ui/cn";
import { barLabel } from "./bar-label";
import { decimalsFor, figureText } from "./figure-text";
import type { ChartData } from "./series";
import { StackedBars } from "./stacked-bars";

type Props = ChartData & { title: string; minHeight: number; className?: string };

/**
 * A chart with its legend, and its figures as a table for screen readers and browsers without JavaScript. A client
 * component, so that the browser gets the figures once and not again as the rows made of them.
 */
export function ChartPanel({ title, minHeight, className, ...data }: Props) {
  const id = useId();
  return (
    <Card className={cn("flex flex-col", className)} aria-labelledby={id}>
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 pt-3.5 pb-2">
        <h2 id={id} className="font-medium text-ink text-sm">
          {title}
        </h2>
        {data.series.length > 1 ? <Legend series={data.series} /> : null}
      </header>
      <div className="min-h-0 flex-1 px-3 pb-2">
        <StackedBars {...data} minHeight={minHeight} />
      </div>
      <ChartTable title={title} {...data} />
    </Card>
  );
}

function Legend({ series }: Pick<ChartData, "series">) {
  return (
    <ul className="flex min-w-0 flex-wrap gap-x-3.5 gap-y-1" aria-label="Legend">
      {series.map((each) => (
        <li key={each.label} className="flex min-w-0 items-center gap-1.5 text-ink-2 text-xs">
          <span
            className="size-2 shrink-0 rounded-xs"
            style={{ background: each.color }}
            aria-hidden="true"
          />
          <span className="truncate">{each.label}</span>
        </li>
      ))}
    </ul>
  );
}

function ChartTable({ title, unit, series, bars, barHours }: ChartData & { title: string }) {
  const decimals = decimalsFor(bars);
  return (
    <details className="group/figures border-t">
      <summary className="flex h-8 list-none items-center gap-1 px-3 text-ink-3 text-xs transition-colors hover:text-ink">
        <ChevronRight
          className="size-3.5 transition-transform group-open/figures:rotate-90"
          aria-hidden="true"
        />
        Figures<span className="sr-only"> of {title.toLowerCase()} as a table</span>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <section className="max-h-64 overflow-auto border-t" aria-label={`${title}, figures`} tabIndex={0}>
        <table className="figures figures-table w-full text-xs">
          <thead>
            <tr className="text-ink-3">
              <th scope="col" className="sticky top-0 bg-surface px-4 py-2 text-left font-medium">
                Time (UTC)
              </th>
              {series.map((each) => (
                <th
                  key={each.label}
                  scope="col"
                  className="sticky top-0 bg-surface px-3 py-2 text-right font-medium"
                >
                  {each.label}
                </th>
              ))}
              <th scope="col" className="sticky top-0 bg-surface py-2 pr-4 pl-3 text-right font-medium">
                Total
              </th>
            </tr>
          </thead>
          <tbody>
            {bars.toReversed().map((bar) => (
              <tr key={bar.start}>
                <th scope="row">{barLabel(bar.start, barHours)}</th>
                {bar.figures.map((figure, index) => (
                  <td key={series[index]?.label}>{figureText(figure, unit, decimals)}</td>
                ))}
                <td>{figureText(bar.total, unit, decimals)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
