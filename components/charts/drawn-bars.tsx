"use client";

import { useId } from "react";
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { shortCount } from "#components/format/count";
import { axisUsd } from "#components/format/usd";
import { axisTicks } from "./axis-ticks";
import { barLabel, tickLabel, tickStarts } from "./bar-label";
import { decimalsFor, figureText } from "./figure-text";
import type { ChartBar, ChartData } from "./series";

/** `minHeight` in pixels; the chart fills its container. */
export type BarsProps = ChartData & { minHeight: number };

/** A bar's figures for Recharts. Amounts become numbers only here, to be drawn. */
const toDatum = (bar: ChartBar) => ({ bar, values: bar.figures.map(Number) });
type Datum = ReturnType<typeof toDatum>;

const GAP_PX = 1;

/**
 * Stacked bars over time. The last one is striped while its period has not ended. It is drawn only in the browser: its
 * size is not known before.
 */
export function DrawnBars({ unit, series, bars, barHours, minHeight, hasEnded = false }: BarsProps) {
  const stripes = useId();
  const data = bars.map(toDatum);
  const decimals = decimalsFor(bars);
  const starts = bars.map((bar) => bar.start);
  const ticks = axisTicks(Math.max(...bars.map((bar) => Number(bar.total))), unit === "count");
  return (
    <ResponsiveContainer
      width="100%"
      height="100%"
      initialDimension={{ width: 1, height: minHeight }}
      className="absolute inset-0"
    >
      <BarChart
        data={data}
        margin={{ top: 8, right: 4, bottom: 0, left: 0 }}
        barCategoryGap="18%"
        accessibilityLayer={false}
      >
        <defs>
          <pattern
            id={stripes}
            width="5"
            height="5"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(40)"
          >
            <rect width="2.4" height="5" fill="var(--color-surface)" opacity="0.75" />
          </pattern>
        </defs>
        <CartesianGrid vertical={false} stroke="var(--color-line)" strokeDasharray="2 4" />
        <XAxis
          dataKey="bar.start"
          ticks={tickStarts(starts, barHours)}
          interval="preserveStartEnd"
          tickFormatter={(start: string) => tickLabel(start, barHours)}
          tick={{ fill: "var(--color-ink-3)", fontSize: 11 }}
          tickLine={false}
          axisLine={{ stroke: "var(--color-line-strong)" }}
          tickMargin={6}
          minTickGap={16}
        />
        <YAxis
          width={44}
          ticks={ticks}
          domain={[0, ticks.at(-1) ?? 1]}
          interval={0}
          tickFormatter={(value: number) => (unit === "usd" ? axisUsd(value) : shortCount(value))}
          tick={{ fill: "var(--color-ink-3)", fontSize: 11 }}
          tickLine={false}
          axisLine={false}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ fill: "var(--color-sunken)" }}
          content={({ active, payload }) => {
            const datum: Datum | undefined = payload?.[0]?.payload;
            return active && datum ? (
              <Readout bar={datum.bar} unit={unit} series={series} barHours={barHours} decimals={decimals} />
            ) : null;
          }}
        />
        {series.map((each, index) => (
          <Bar
            key={each.label}
            dataKey={(datum: Datum) => datum.values[index] ?? 0}
            name={each.label}
            stackId="all"
            fill={each.color}
            isAnimationActive={false}
            shape={(shape: BarShape) => (
              <Segment
                {...shape}
                stripes={!hasEnded && shape.index === bars.length - 1 ? stripes : undefined}
              />
            )}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}

type BarShape = { x?: number; y?: number; width?: number; height?: number; fill?: string; index?: number };

function Segment({ x = 0, y = 0, width = 0, height = 0, fill, stripes }: BarShape & { stripes?: string }) {
  if (height <= 0) return null;
  // A gap between segments, unless the segment is hardly higher.
  const visible = height > 3 ? height - GAP_PX : height;
  const box = { x, y: y + height - visible, width, height: visible, rx: Math.min(1.5, visible / 2) };
  return (
    <g>
      <rect {...box} fill={fill} />
      {stripes ? <rect {...box} fill={`url(#${stripes})`} /> : null}
    </g>
  );
}

type ReadoutProps = Pick<BarsProps, "unit" | "series" | "barHours"> & { bar: ChartBar; decimals: number };

function Readout({ bar, unit, series, barHours, decimals }: ReadoutProps) {
  return (
    <div className="figures min-w-44 rounded-lg bg-raised px-3 py-2.5 text-xs shadow-pop">
      <p className="mb-1.5 text-ink-3">{barLabel(bar.start, barHours)} UTC</p>
      <dl className="flex flex-col gap-1">
        {series.map((each, index) => (
          <div key={each.label} className="flex items-center gap-2">
            <span className="size-2 shrink-0 rounded-xs" style={{ background: each.color }} />
            <dt className="max-w-44 flex-1 truncate text-ink-2">{each.label}</dt>
            <dd className="pl-4 text-ink">{figureText(bar.figures[index] ?? 0, unit, decimals)}</dd>
          </div>
        ))}
        {series.length > 1 ? (
          <div className="mt-0.5 flex gap-2 border-t pt-1.5 font-medium text-ink">
            <dt className="flex-1">Total</dt>
            <dd>{figureText(bar.total, unit, decimals)}</dd>
          </div>
        ) : null}
      </dl>
    </div>
  );
}
