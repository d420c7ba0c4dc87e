import Link from "next/link";
import { exactTime } from "#components/format/time";
import { totalUsd } from "#components/format/usd";
import { Callout } from "#components/ui/callout";
import { type BudgetNotice, budgetNotices } from "#lib/portal/budgets/budget-notices";
import type { ServiceContext } from "#lib/services/context";

const MOST = 4;

type Props = {
  ctx: ServiceContext;
  /** Of this organization, user, key or app only. */
  scopeId?: string;
};

/** The budgets that have reached a threshold in their running period; nothing where none has. */
export async function BudgetNotices({ ctx, scopeId }: Props) {
  const { shown, total } = await budgetNotices(ctx, { most: MOST, scopeId });
  if (shown.length === 0) return null;
  return (
    <Callout tone="wait">
      <ul aria-label="Budgets to look at" className="flex flex-col gap-1">
        {shown.map((notice) => (
          <li key={notice.scope.id}>
            {scopeId === undefined ? <Notice {...notice} /> : <OwnNotice {...notice} />}
          </li>
        ))}
      </ul>
      {total > shown.length ? <p className="mt-1 text-ink-2">And {total - shown.length} more.</p> : null}
    </Callout>
  );
}

const SCOPES = { organization: "Organization", user: "User", api_key: "Key", app: "App" } as const;
const PERIODS = { day: "today", week: "this week", month: "this month", total: "in total" } as const;

/** Keys have no page of their own. */
const PAGES = { organization: "/organizations", user: "/users", api_key: null, app: "/apps" } as const;

function Notice({ scope, period, spentUsd, limitUsd, percent }: BudgetNotice) {
  const page = PAGES[scope.type];
  const name = <strong className="break-words font-medium">{scope.name}</strong>;
  return (
    <>
      {SCOPES[scope.type]}{" "}
      {page === null ? (
        name
      ) : (
        <Link
          href={`${page}/${scope.id}`}
          className="rounded-xs underline decoration-line-strong underline-offset-3 hover:decoration-accent"
        >
          {name}
        </Link>
      )}{" "}
      has spent {totalUsd(spentUsd)} of {totalUsd(limitUsd)} {PERIODS[period]} ({percent}%).
    </>
  );
}

/** On the page of whose budget it is, which shows the figures by itself. */
function OwnNotice({ threshold, reachedAt }: BudgetNotice) {
  const what = threshold === 100 ? "the limit" : `${threshold}% of the limit`;
  return (
    <>
      Reached {what} on {exactTime(reachedAt).slice(0, 16)} UTC.
    </>
  );
}
