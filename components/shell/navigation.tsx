"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "#components/ui/cn";
import { type Access, type PortalPage, pagesFor } from "./pages";

const isWithin = (pathname: string, href: string) =>
  pathname === href || (href !== "/" && pathname.startsWith(`${href}/`));

/** What waits on pages, by their addresses. */
export type Counts = Readonly<Record<string, number>>;

type Props = {
  access: Access;
  counts: Counts;
  /** Closes the sheet that shows the navigation. */
  onNavigate?: () => void;
};

/** Links to the pages that the signed-in user may open. */
export function Navigation({ access, counts, onNavigate }: Props) {
  const pathname = usePathname();
  return (
    <nav aria-label="Portal" className="flex flex-col gap-3">
      {pagesFor(access).map(({ label, pages }) => (
        <div key={label ?? "pages"}>
          {label ? <p className="mb-1 px-2.5 text-ink-3 text-xs">{label}</p> : null}
          <ul className="flex flex-col gap-0.5" aria-label={label ?? undefined}>
            {pages.map((page) => (
              <li key={page.href}>
                <PageLink
                  page={page}
                  count={counts[page.href] ?? 0}
                  current={isWithin(pathname, page.href)}
                  onNavigate={onNavigate}
                />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

type PageLinkProps = { page: PortalPage; count: number; current: boolean; onNavigate?: () => void };

/** More are not counted exactly. */
const MOST_SHOWN = 99;

function PageLink({ page: { href, label, Icon }, count, current, onNavigate }: PageLinkProps) {
  return (
    <Link
      href={href}
      onClick={onNavigate}
      aria-current={current ? "page" : undefined}
      className={cn(
        "relative flex h-7.5 items-center gap-2.5 rounded-md px-2.5 font-medium text-ink-2 text-sm transition-colors hover:bg-sunken hover:text-ink",
        current && "bg-surface text-ink shadow-panel ring-1 ring-line hover:bg-surface",
      )}
    >
      <Icon className={cn("size-4 shrink-0", current ? "text-accent" : "text-ink-3")} aria-hidden="true" />
      {label}
      {count === 0 ? null : (
        <span className="figures ml-auto rounded-full bg-accent px-1.5 font-medium text-on-accent text-xs">
          {count > MOST_SHOWN ? `${MOST_SHOWN}+` : count}
          <span className="sr-only"> unread</span>
        </span>
      )}
    </Link>
  );
}
