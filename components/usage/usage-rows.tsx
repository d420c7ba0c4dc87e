"use client";

import { columnShare, count, shortCount } from "#components/format/count";
import { groupTitle, groupWords } from "#components/format/usage-words";
import { cn } from "#components/ui/cn";
import { Money } from "#components/ui/money";
import { LinkedTr, RowLink, Table, Td, Th, Tr } from "#components/ui/table";
import type { UsageTotals } from "#lib/portal/usage/usage-sums";
import type { UsageGroup } from "#lib/services/usage/usage-question";
import type { UsageTableLine } from "./usage-lines";

type Props = {
  lines: readonly UsageTableLine[];
  totals: UsageTotals;
  groups: readonly UsageGroup[];
};

/**
 * The table, as a client component: besides the HTML of a hundred lines, their figures are sent, and not each cell once
 * more.
 */
export function UsageRows({ lines, totals, groups }: Props) {
  const [outer = "model", inner] = groups;
  return (
    <Table
      label={`Usage by ${groupWords(outer).one}`}
      className="figures"
      head={
        <>
          <Th>
            {groupTitle(outer)}
            {inner === undefined ? null : ` and ${groupWords(inner).one}`}
          </Th>
          <Th className="text-right">Requests</Th>
          <Th className="hidden text-right lg:table-cell">Errors</Th>
          <Th className="hidden text-right md:table-cell">Input tokens</Th>
          <Th className="hidden text-right xl:table-cell">Cached</Th>
          <Th className="hidden text-right md:table-cell">Output tokens</Th>
          <Th className="text-right">Cost</Th>
          <Th className="hidden text-right sm:table-cell">Share</Th>
        </>
      }
    >
      <Tr className="bg-sunken/60">
        <th scope="row" className="cell text-left font-medium text-ink">
          Total
        </th>
        <Figures sums={totals} totals={totals} isStrong />
      </Tr>
      {lines.map((line) => (
        <Line key={line.key} line={line} totals={totals} isStrong={inner !== undefined && line.depth === 0} />
      ))}
    </Table>
  );
}

type LineProps = { line: UsageTableLine; totals: UsageTotals; isStrong: boolean };

function Line({ line: { label, href, isOthers, depth, sums }, totals, isStrong }: LineProps) {
  const Row = href === null ? Tr : LinkedTr;
  return (
    <Row>
      <th
        scope="row"
        className={cn(
          "cell max-w-44 text-left font-normal sm:max-w-80",
          depth === 1 && "cell-within",
          isOthers && "text-ink-3",
        )}
      >
        {href === null ? (
          <span className="block truncate">{label}</span>
        ) : (
          <RowLink href={href} className={cn("block", depth === 1 && "font-normal text-ink-2")}>
            {label}
          </RowLink>
        )}
      </th>
      <Figures sums={sums} totals={totals} isStrong={isStrong} />
    </Row>
  );
}

type FiguresProps = { sums: UsageTotals; totals: UsageTotals; isStrong: boolean };

function Figures({ sums, totals, isStrong }: FiguresProps) {
  const tokens = (tokenCount: number) => (
    <span className="relative" data-tip={tokenCount < 10_000 ? undefined : count(tokenCount)}>
      {shortCount(tokenCount)}
    </span>
  );
  const [cost, total] = [Number(sums.costUsd), Number(totals.costUsd)];
  return (
    <>
      <Td className="text-right text-ink-2">{count(sums.requests)}</Td>
      <Td className={cn("hidden text-right lg:table-cell", sums.errors === 0 ? "text-ink-3" : "text-ink-2")}>
        {count(sums.errors)}
      </Td>
      <Td className="hidden text-right text-ink-2 md:table-cell">{tokens(sums.inputTokens)}</Td>
      <Td className="hidden text-right text-ink-2 xl:table-cell">{tokens(sums.cachedTokens)}</Td>
      <Td className="hidden text-right text-ink-2 md:table-cell">{tokens(sums.outputTokens)}</Td>
      <Td className={cn("text-right text-ink", isStrong && "font-medium")}>
        <Money usd={sums.costUsd} isTotal className="relative" />
      </Td>
      <Td className="hidden sm:table-cell">
        <span className="flex items-center justify-end gap-2.5 text-ink-2">
          {columnShare(cost, total)}
          <span className="h-1 w-14 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
            <span
              className="block h-full rounded-full bg-chart-2"
              style={{ width: total > 0 ? `${Math.min(100, (cost / total) * 100).toFixed(1)}%` : 0 }}
            />
          </span>
        </span>
      </Td>
    </>
  );
}
