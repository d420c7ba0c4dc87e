import { ChevronRight } from "lucide-react";
import Link from "next/link";

/** Links to related pages. */
export function LinkList({ links }: { links: readonly { href: string; label: string }[] }) {
  return (
    <ul className="border-t p-1.5">
      {links.map(({ href, label }) => (
        <li key={href}>
          <Link
            href={href}
            className="flex h-8 items-center justify-between rounded-md px-2.5 text-ink-2 text-sm transition-colors hover:bg-sunken hover:text-ink"
          >
            {label}
            <ChevronRight className="size-3.5 text-ink-3" aria-hidden="true" />
          </Link>
        </li>
      ))}
    </ul>
  );
}
