import { ArrowRight, ChevronsLeft } from "lucide-react";
import Link from "next/link";
import { Button } from "#components/ui/button";

type Props = { shown: number; what: string; newestHref: string | null; olderHref: string | null };

/** Keyset paging: to older rows or back to the newest. Pages do not shift when new rows arrive. */
export function Pager({ shown, what, newestHref, olderHref }: Props) {
  return (
    <nav aria-label="Pages" className="flex items-center justify-between gap-3 border-t px-4 py-2.5">
      <p className="figures text-ink-3 text-xs">
        {shown} {what}
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
