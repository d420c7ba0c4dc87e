import { count } from "#components/format/count";
import { exactUsd } from "#components/format/usd";
import { cn } from "#components/ui/cn";
import type { RequestBill } from "#lib/portal/requests/request-bill";
import type { LedgerRequest } from "#lib/services/requests/ledger-request";

type Line = { label: string; count: number; rate?: string; usd?: string; part?: boolean };

/** The cost of one request: tokens by kind, and calls, with rate and amount. */
export function CostTable({ request, bill }: { request: LedgerRequest; bill: RequestBill }) {
  const { breakdown } = bill;
  const lines: Line[] = breakdown ? linesOf(breakdown) : withoutRates(request);
  const hasOther = breakdown !== null && breakdown.otherUsd !== "0";
  return (
    <table className="figures w-full text-sm">
      <thead>
        <tr className="text-ink-3 text-xs">
          <th scope="col" className="py-2 pl-4 text-left font-medium">
            Tokens
          </th>
          <th scope="col" className="px-3 py-2 text-right font-medium">
            Count
          </th>
          <th scope="col" className="px-3 py-2 text-right font-medium">
            <abbr title="US dollars per million tokens" className="no-underline">
              Per 1M
            </abbr>
          </th>
          <th scope="col" className="py-2 pr-4 pl-3 text-right font-medium">
            Amount
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.label} className="border-t">
            <th
              scope="row"
              className={cn("py-2 pl-4 text-left font-normal text-ink", line.part && "pl-7 text-ink-3")}
            >
              {line.label}
            </th>
            <td className="px-3 py-2 text-right text-ink-2">{count(line.count)}</td>
            <td className="px-3 py-2 text-right text-ink-2">{line.rate ?? "—"}</td>
            <td className="py-2 pr-4 pl-3 text-right text-ink">{line.usd ? exactUsd(line.usd) : "—"}</td>
          </tr>
        ))}
        {lines.length === 0 ? (
          <tr className="border-t">
            <td colSpan={4} className="px-4 py-2 text-ink-3">
              {request.status === "held" ? "Available when the request ends." : "No tokens were billed."}
            </td>
          </tr>
        ) : null}
        {hasOther ? (
          <tr className="border-t">
            <th scope="row" colSpan={3} className="py-2 pl-4 text-left font-normal text-ink-2">
              Rounding and other attempts
            </th>
            <td className="py-2 pr-4 pl-3 text-right text-ink">{exactUsd(breakdown.otherUsd)}</td>
          </tr>
        ) : null}
      </tbody>
      <tfoot>
        <tr className="border-line-strong border-t font-medium">
          <th scope="row" colSpan={3} className="py-2.5 pl-4 text-left font-medium">
            Cost
          </th>
          <td className="py-2.5 pr-4 pl-3 text-right">{exactUsd(request.cost_usd)}</td>
        </tr>
        {request.provider_cost_usd === null || bill.providerDifferenceUsd === null ? null : (
          <tr className="border-t text-ink-2">
            <th scope="row" colSpan={3} className="py-2 pl-4 text-left font-normal">
              Provider’s own cost{" "}
              <span className="text-ink-3 text-xs">{differenceWords(bill.providerDifferenceUsd)}</span>
            </th>
            <td className="py-2 pr-4 pl-3 text-right">{exactUsd(request.provider_cost_usd)}</td>
          </tr>
        )}
      </tfoot>
    </table>
  );
}

function differenceWords(usd: string): string {
  if (usd === "0") return "the same";
  return usd.startsWith("-") ? `${exactUsd(usd.slice(1))} less` : `${exactUsd(usd)} more`;
}

const linesOf = ({ lines, calls }: NonNullable<RequestBill["breakdown"]>): Line[] => [
  ...lines.map(({ tokens, ratePerMtok, ...line }) => ({ ...line, count: tokens, rate: `$${ratePerMtok}` })),
  ...calls.map(({ calls, ratePerCall, ...line }) => ({
    ...line,
    count: calls,
    rate: `$${ratePerCall} each`,
  })),
];

function withoutRates(request: LedgerRequest): Line[] {
  const parts = [
    { label: "of which cached", count: request.cached_tokens, part: true },
    { label: "of which cache writes", count: request.cache_write_tokens, part: true },
  ].filter((line) => line.count > 0);
  return [
    { label: "Input", count: request.input_tokens },
    ...parts,
    { label: "Output", count: request.output_tokens },
  ];
}
