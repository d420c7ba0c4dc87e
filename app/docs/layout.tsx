import Link from "next/link";
import type { ReactNode } from "react";
import { Logo } from "#components/brand/logo";

const PAGES = [
  { href: "/docs", label: "API reference" },
  { href: "/docs/troubleshooting", label: "Troubleshooting" },
  { href: "/docs/moving", label: "Moving in" },
  { href: "/api/openapi.json", label: "openapi.json" },
] as const;

/** The documentation, which anyone may read: it says nothing of this installation. */
export default function DocsLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <header className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-line border-b bg-surface px-5 py-3">
        <Link href="/" aria-label="Tollgate, the portal">
          <Logo />
        </Link>
        <nav aria-label="Documentation" className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
          {PAGES.map(({ href, label }) => (
            <a key={href} className="text-accent hover:text-accent-hover" href={href}>
              {label}
            </a>
          ))}
        </nav>
      </header>
      {children}
    </>
  );
}
