"use client";

import { ArrowLeftRight, ChartNoAxesColumn, KeyRound } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "#components/ui/cn";

const PAGES = [
  { href: "/", label: "Overview", Icon: ChartNoAxesColumn },
  { href: "/requests", label: "Requests", Icon: ArrowLeftRight },
  { href: "/keys", label: "Keys", Icon: KeyRound },
] as const;

const isWithin = (pathname: string, href: string) =>
  pathname === href || (href !== "/" && pathname.startsWith(`${href}/`));

/** The pages of the portal; `onNavigate` lets a sheet close itself. */
export function Navigation({ onNavigate }: { onNavigate?: () => void }) {
  const pathname = usePathname();
  return (
    <nav aria-label="Portal">
      <ul className="flex flex-col gap-0.5">
        {PAGES.map(({ href, label, Icon }) => {
          const current = isWithin(pathname, href);
          return (
            <li key={href}>
              <Link
                href={href}
                onClick={onNavigate}
                aria-current={current ? "page" : undefined}
                className={cn(
                  "relative flex h-8 items-center gap-2.5 rounded-md px-2.5 font-medium text-ink-2 text-sm transition-colors hover:bg-sunken hover:text-ink",
                  current && "bg-surface text-ink shadow-panel ring-1 ring-line hover:bg-surface",
                )}
              >
                <Icon
                  className={cn("size-4 shrink-0", current ? "text-accent" : "text-ink-3")}
                  aria-hidden="true"
                />
                {label}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
