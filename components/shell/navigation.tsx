"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "#components/ui/cn";
import { type Access, type PortalPage, pagesFor } from "./pages";

const isWithin = (pathname: string, href: string) =>
  pathname === href || (href !== "/" && pathname.startsWith(`${href}/`));

type Props = {
  access: Access;
  /** Closes the sheet that shows the navigation. */
  onNavigate?: () => void;
};

/** Links to the pages that the signed-in user may open. */
export function Navigation({ access, onNavigate }: Props) {
  const pathname = usePathname();
  return (
    <nav aria-label="Portal" className="flex flex-col gap-4">
      {pagesFor(access).map(({ label, pages }) => (
        <div key={label ?? "pages"}>
          {label ? <p className="mb-1 px-2.5 text-ink-3 text-xs">{label}</p> : null}
          <ul className="flex flex-col gap-0.5" aria-label={label ?? undefined}>
            {pages.map((page) => (
              <li key={page.href}>
                <PageLink page={page} current={isWithin(pathname, page.href)} onNavigate={onNavigate} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

type PageLinkProps = { page: PortalPage; current: boolean; onNavigate?: () => void };

function PageLink({ page: { href, label, Icon }, current, onNavigate }: PageLinkProps) {
  return (
    <Link
      href={href}
      onClick={onNavigate}
      aria-current={current ? "page" : undefined}
      className={cn(
        "relative flex h-8 items-center gap-2.5 rounded-md px-2.5 font-medium text-ink-2 text-sm transition-colors hover:bg-sunken hover:text-ink",
        current && "bg-surface text-ink shadow-panel ring-1 ring-line hover:bg-surface",
      )}
    >
      <Icon className={cn("size-4 shrink-0", current ? "text-accent" : "text-ink-3")} aria-hidden="true" />
      {label}
    </Link>
  );
}
