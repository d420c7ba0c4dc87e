import { count } from "#components/format/count";
import { plural } from "#components/format/limit-words";
import { Badge, type Tone } from "#components/ui/badge";
import { Callout } from "#components/ui/callout";
import type { importUsersCsv } from "#lib/services/users/import-users-csv";
import type { OutputOf } from "#lib/services/verb";

type Answer = OutputOf<typeof importUsersCsv>;
type Outcome = NonNullable<Answer["rows"]>[number]["outcome"];

/** More would be long to look through; the wrong rows come first. */
const MOST_SHOWN = 100;

const OUTCOMES: Record<Outcome, { label: string; tone: Tone }> = {
  wrong: { label: "Wrong", tone: "danger" },
  created: { label: "New", tone: "accent" },
  updated: { label: "Update", tone: "neutral" },
  unchanged: { label: "Unchanged", tone: "outline" },
};

/** What each row of an import does, or what is wrong with it. */
export function ImportPreview({ answer: { created, updated, unchanged, errors, rows } }: { answer: Answer }) {
  const messages = new Map(errors.map((error) => [error.row, error]));
  const wrong = errors.map(({ row }) => ({ row, user: "", outcome: "wrong" as const }));
  const shown = [...(rows ?? wrong)].sort(
    (a, b) => Number(b.outcome === "wrong") - Number(a.outcome === "wrong"),
  );
  const hidden = shown.length - MOST_SHOWN;
  return (
    <div className="flex flex-col gap-3">
      {errors.length > 0 ? (
        <Callout tone="danger">
          {plural(errors.length, "row")} {errors.length === 1 ? "is" : "are"} wrong, so nothing is imported.
          Correct the text and preview it again.
        </Callout>
      ) : null}
      <p className="figures text-ink-2 text-sm">
        {count(created)} new, {count(updated)} updated, {count(unchanged)} unchanged, {count(errors.length)}{" "}
        wrong.
      </p>
      <section
        aria-label="Rows"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
        className="max-h-72 overflow-y-auto rounded-md border"
      >
        <ul className="divide-y">
          {shown.slice(0, MOST_SHOWN).map(({ row, user, outcome }) => {
            const error = messages.get(row);
            const { label, tone } = OUTCOMES[outcome];
            return (
              <li
                key={row}
                className="grid grid-cols-[3.5rem_1fr_auto] items-baseline gap-x-3 px-3 py-2 text-sm"
              >
                <span className="figures text-ink-3 text-xs">Row {row}</span>
                <span className="min-w-0">
                  <span className="block truncate font-medium text-ink">{user}</span>
                  {error ? (
                    <span className="block text-danger text-xs">
                      {error.field ? <code className="font-mono">{error.field}: </code> : null}
                      {error.message}
                    </span>
                  ) : null}
                </span>
                <Badge tone={tone}>{label}</Badge>
              </li>
            );
          })}
        </ul>
      </section>
      {hidden > 0 ? <p className="text-ink-3 text-xs">And {plural(hidden, "more row")}.</p> : null}
    </div>
  );
}
