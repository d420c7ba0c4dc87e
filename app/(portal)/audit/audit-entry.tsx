import { ChevronRight } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { ChangeTable } from "#components/audit/change-table";
import { auditWords, subjectNoun } from "#components/format/audit-words";
import { exactTime, relativeTime } from "#components/format/time";
import type { AuditTableRow } from "#lib/portal/audit/audit-table";
import { auditHref } from "./audit-params";

type Props = { entry: AuditTableRow; nowMs: number };

/** One change: actor, action and subject, with the details to expand. */
export function AuditEntry({ entry, nowMs }: Props) {
  const { subject_name: name } = entry;
  return (
    <li className="border-b last:border-b-0">
      <details className="group/entry">
        <summary className="flex list-none items-baseline gap-x-3 px-4 py-2.5 transition-colors hover:bg-sunken/70 focus-visible:-outline-offset-2">
          <ChevronRight
            className="size-3.5 shrink-0 translate-y-0.5 text-ink-3 transition-transform group-open/entry:rotate-90"
            aria-hidden="true"
          />
          <span className="min-w-0 flex-1 text-ink-2 text-sm">
            <strong className="break-words font-medium text-ink">{entry.actor.name}</strong>{" "}
            {auditWords(entry)}
            {name === null ? null : (
              <>
                {" "}
                <strong className="break-words font-medium text-ink">{name}</strong>
              </>
            )}
          </span>
          <code className="hidden shrink-0 font-mono text-ink-3 text-xs md:block">{entry.action}</code>
          <time
            dateTime={entry.at}
            title={exactTime(entry.at)}
            className="figures w-16 shrink-0 text-right text-ink-3 text-xs sm:w-20"
          >
            {relativeTime(entry.at, nowMs)}
          </time>
        </summary>
        <div className="grid gap-x-8 gap-y-4 px-4 pt-1 pb-4 sm:pl-10 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          <ChangeTable entry={entry} />
          <dl className="flex flex-col gap-1.5 text-xs">
            <Circumstance label="Time">{exactTime(entry.at)}</Circumstance>
            <Circumstance label="Action">{entry.action}</Circumstance>
            <Circumstance label="Actor">
              <FilterLink href={auditHref("/audit", { actor: entry.actor.id })}>{entry.actor.id}</FilterLink>
            </Circumstance>
            <Circumstance label="Subject">
              <FilterLink href={auditHref("/audit", { subject: entry.subject_id })}>
                {entry.subject_id}
              </FilterLink>
            </Circumstance>
            <Circumstance label="IP">{entry.ip ?? "Internal"}</Circumstance>
            <SubjectLink entry={entry} />
          </dl>
        </div>
      </details>
    </li>
  );
}

function Circumstance({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex gap-3">
      <dt className="w-14 shrink-0 text-ink-3">{label}</dt>
      <dd className="figures min-w-0 break-words text-ink">{children}</dd>
    </div>
  );
}

const FilterLink = ({ href, children }: { href: string; children: ReactNode }) => (
  <Link
    href={href}
    className="wrap-anywhere rounded-xs font-mono underline decoration-line-strong underline-offset-3 hover:decoration-accent"
  >
    {children}
  </Link>
);

const PAGES: Record<string, string> = {
  organization: "/organizations",
  user: "/users",
  api_key: "/keys",
  app: "/apps",
};

/** A link to the subject's page, if it has one and this change did not delete it. */
function SubjectLink({ entry: { subject_type, subject_id, after } }: { entry: AuditTableRow }) {
  const page = PAGES[subject_type];
  if (page === undefined || after === null) return null;
  return (
    <Circumstance label="Page">
      <FilterLink href={`${page}/${subject_id}`}>{subjectNoun(subject_type)}</FilterLink>
    </Circumstance>
  );
}
