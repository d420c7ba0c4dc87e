import Link from "next/link";
import { exactMinute } from "#components/format/time";
import { totalUsd } from "#components/format/usd";
import { Callout } from "#components/ui/callout";
import { type BudgetNotice, budgetNotices } from "#lib/portal/budgets/budget-notices";
import type { ServiceContext } from "#lib/services/context";

const MOST = 4;

type Props = {
  ctx: ServiceContext;
  /** Only notices of this organization, user, key or app. */
  scopeId?: string;
};

/** The budgets that have reached a threshold in the current period, if any. */
export async function BudgetNotices({ ctx, scopeId }: Props) {
  const { shown, total } = await budgetNotices(ctx, { most: MOST, scopeId });
  if (shown.length === 0) return null;
  return (
    <Callout tone="wait">
      <ul aria-label="Budget notices" className="flex flex-col gap-1">
        {shown.map((notice) => (
          <li key={notice.scope.id}>
            {scopeId === undefined ? <Notice {...notice} /> : <OwnNotice {...notice} />}
          </li>
        ))}
      </ul>
      {total > shown.length ? <p className="mt-1 text-ink-2">{total - shown.length} more.</p> : null}
    </Callout>
  );
}

const SCOPES = { organization: "Organization", user: "User", api_key: "Key", app: "App" } as const;
const PERIODS = { day: "today", week: "this week", month: "this month", total: "in total" } as const;

const PAGES = { organization: "/organizations", user: "/users", api_key: "/keys", app: "/apps" } as const;

function Notice({ scope, period, spentUsd, limitUsd, percent }: BudgetNotice) {
  return (
    <>
      {SCOPES[scope.type]}{" "}
      <Link
        href={`${PAGES[scope.type]}/${scope.id}`}
        className="rounded-xs underline decoration-line-strong underline-offset-3 hover:decoration-accent"
      >
        <strong className="break-words font-medium">{scope.name}</strong>
      </Link>{" "}
      has spent {totalUsd(spentUsd)} of {totalUsd(limitUsd)} {PERIODS[period]} ({percent}%).
    </>
  );
}

/** The notice on the scope's own page, which already shows the figures. */
function OwnNotice({ threshold, reachedAt }: BudgetNotice) {
  const what = threshold === 100 ? "its limit" : `${threshold}% of its limit`;
  return (
    <>
      The budget reached {what} on {exactMinute(reachedAt)}.
    </>
  );
}
