import { ArrowRight, ChevronsLeft } from "lucide-react";
import Link from "next/link";
import { plural } from "#components/format/limit-words";
import { Button } from "#components/ui/button";

type Props = {
  shown: number;
  /** In the singular: "user". */
  noun: string;
  /** Where this page begins; null for the newest. */
  cursor: string | null;
  nextCursor: string | null;
  /** The address of the page that begins at a cursor. */
  hrefAt: (cursor: string | null) => string;
};

/** Keyset paging: to older rows or back to the newest. Pages do not shift when new rows arrive. */
export function Pager({ shown, noun, cursor, nextCursor, hrefAt }: Props) {
  const newestHref = cursor === null ? null : hrefAt(null);
  const olderHref = nextCursor === null ? null : hrefAt(nextCursor);
  return (
    <nav aria-label="Pages" className="flex items-center justify-between gap-3 border-t px-4 py-2.5">
      <p className="figures text-ink-3 text-xs">
        {plural(shown, noun)}
        {olderHref || newestHref ? " on this page" : ""}
      </p>
      <div className="flex gap-2">
        {newestHref ? (
          <Button size="sm" asChild>
            <Link href={newestHref}>
              <ChevronsLeft aria-hidden="true" />
              Newest
            </Link>
          </Button>
        ) : null}
        {olderHref ? (
          <Button size="sm" asChild>
            <Link href={olderHref}>
              Older
              <ArrowRight aria-hidden="true" />
            </Link>
          </Button>
        ) : null}
      </div>
    </nav>
  );
}
