import { rejectingBudgetWords } from "#components/format/rejection-words";
import { exactUsd } from "#components/format/usd";
import { CopyButton } from "#components/ui/copy-button";
import { Moment } from "#components/ui/moment";
import type { RejectedRequest } from "#lib/services/rejections/rejection";

type Props = { requests: readonly RejectedRequest[]; nowMs: number };

/** The last rejected requests of a kind: when, with which message, and for a budget its figures. */
export function LastRequests({ requests, nowMs }: Props) {
  return (
    <>
      <h3 className="mb-1 text-ink-3 text-xs">
        {requests.length === 1 ? "Last request" : `Last ${requests.length} requests`}
      </h3>
      <ul aria-label="Last requests" className="divide-y rounded-md border bg-sunken/40">
        {requests.map((request) => (
          <li key={request.id} className="flex flex-col gap-1.5 px-3 py-2.5">
            <div className="flex flex-wrap items-center gap-x-3 text-xs">
              <Moment iso={request.at} nowMs={nowMs} className="figures text-ink-2" />
              <span className="flex min-w-0 items-center gap-0.5">
                <code className="wrap-anywhere font-mono text-ink-3">{request.id}</code>
                <CopyButton text={request.id} what="request ID" />
              </span>
            </div>
            <p className="wrap-anywhere text-ink text-sm">{request.message}</p>
            {request.budget === null ? null : <BudgetFigures budget={request.budget} />}
          </li>
        ))}
      </ul>
    </>
  );
}

function BudgetFigures({ budget }: { budget: NonNullable<RejectedRequest["budget"]> }) {
  const figures = [
    { label: "Budget", value: rejectingBudgetWords(budget) },
    { label: "Left", value: exactUsd(budget.remaining_usd) },
    { label: "Held", value: exactUsd(budget.held_usd) },
    ...(budget.needed_usd === null ? [] : [{ label: "Needed", value: exactUsd(budget.needed_usd) }]),
  ];
  return (
    <dl className="figures flex flex-wrap gap-x-6 gap-y-1 text-xs">
      {figures.map(({ label, value }) => (
        <div key={label} className="flex gap-1.5">
          <dt className="text-ink-3">{label}</dt>
          <dd className="font-medium text-ink">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
