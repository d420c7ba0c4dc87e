import { X } from "lucide-react";
import Link from "next/link";

/** A filter in the address that has no control of its own. A click removes it. */
export const FilterChip = ({ label, clearHref }: { label: string; clearHref: string }) => (
  <Link
    href={clearHref}
    className="inline-flex h-8 max-w-full items-center gap-1.5 rounded-md border border-accent bg-raised px-2.5 text-ink text-sm transition-colors hover:bg-sunken"
  >
    <span className="truncate">{label}</span>
    <X className="size-3.5 shrink-0 text-ink-3" aria-hidden="true" />
    <span className="sr-only">: show all</span>
  </Link>
);
