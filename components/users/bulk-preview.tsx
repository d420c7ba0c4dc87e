import { ArrowRight } from "lucide-react";
import { count } from "#components/format/count";
import { budgetWords, plural } from "#components/format/limit-words";
import { roleName } from "#components/format/role-name";
import { utcDate } from "#components/format/time";
import type { UserChange } from "#lib/services/users/bulk-update-users";

/** More would be long to look through; all of them are changed. */
const MOST_SHOWN = 100;

type Props = { changes: readonly UserChange[]; unchanged: number };

/** Who is changed, from what to what. */
export function BulkPreview({ changes, unchanged }: Props) {
  const thisYear = new Date().getUTCFullYear();
  const hidden = changes.length - MOST_SHOWN;
  return (
    <div className="flex flex-col gap-2">
      <section
        aria-label="Changes"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
        className="max-h-80 overflow-y-auto rounded-md border"
      >
        <ul className="divide-y">
          {changes.slice(0, MOST_SHOWN).map((change) => (
            <li
              key={change.id}
              className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5 px-3 py-2"
            >
              <span className="min-w-0 truncate font-medium text-ink text-sm">{change.name}</span>
              <span className="flex flex-col items-end gap-0.5">
                {differences(change, thisYear).map(([from, to]) => (
                  <Difference key={to} from={from} to={to} />
                ))}
              </span>
            </li>
          ))}
        </ul>
      </section>
      {hidden > 0 || unchanged > 0 ? (
        <p className="text-ink-3 text-xs">
          {[
            ...(hidden > 0 ? [`And ${count(hidden)} more.`] : []),
            ...(unchanged > 0 ? [`${plural(unchanged, "selected user")} without a change.`] : []),
          ].join(" ")}
        </p>
      ) : null}
    </div>
  );
}

function Difference({ from, to }: { from: string | null; to: string }) {
  return (
    <span className="figures flex items-center gap-1.5 whitespace-nowrap text-ink-2 text-xs">
      {from === null ? null : (
        <>
          <span className="text-ink-3">{from}</span>
          <ArrowRight className="size-3 text-ink-3" aria-label="to" />
        </>
      )}
      <span className="font-medium text-ink">{to}</span>
    </span>
  );
}

/** What is different in words, before and after. */
function differences({ before, after, revoked_keys: revoked }: UserChange, thisYear: number) {
  const dateOf = (until: string | null) => (until === null ? "No date" : utcDate(until, thisYear));
  const budgetOf = (budget: UserChange["before"]["budget"]) =>
    budget === null ? "No budget" : budgetWords(budget);
  const pairs: [from: string, to: string][] = [
    [dateOf(before.payment_valid_until), dateOf(after.payment_valid_until)],
    [roleName(before.role), roleName(after.role)],
    [budgetOf(before.budget), budgetOf(after.budget)],
  ];
  return [
    ...pairs.filter(([from, to]) => from !== to),
    ...(revoked > 0 ? [[null, `${plural(revoked, "key")} revoked`] as const] : []),
  ];
}
