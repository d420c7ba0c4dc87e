import Link from "next/link";
import { cn } from "#components/ui/cn";
import { Moment } from "#components/ui/moment";
import type { Notice } from "#lib/services/notices/notice";

type Props = {
  notice: Notice;
  /** The page of what it is about; null if it has none. */
  href: string | null;
  nowMs: number;
};

/** One notice: what happened, and when. */
export function NoticeLine({ notice: { message, created_at, read_at }, href, nowMs }: Props) {
  const isUnread = read_at === null;
  return (
    <li className="flex items-baseline gap-3 border-b px-4 py-2.5 text-sm last:border-b-0">
      <span
        className={cn(
          "size-2 shrink-0 -translate-y-px rounded-full",
          isUnread ? "bg-accent" : "bg-transparent",
        )}
        aria-hidden="true"
      />
      <span
        className={cn("min-w-0 flex-1 wrap-break-word", isUnread ? "font-medium text-ink" : "text-ink-2")}
      >
        {isUnread ? <span className="sr-only">Unread: </span> : null}
        {href === null ? (
          message
        ) : (
          <Link href={href} className="rounded-xs underline-offset-3 hover:underline">
            {message}
          </Link>
        )}
      </span>
      <span className="shrink-0 text-ink-3 text-xs">
        <Moment iso={created_at} nowMs={nowMs} />
      </span>
    </li>
  );
}
