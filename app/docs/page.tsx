import type { Metadata } from "next";
import Link from "next/link";
import { Logo } from "#components/brand/logo";
import { ApiReference } from "./api-reference";
import "swagger-ui-dist/swagger-ui.css";

export const metadata: Metadata = { title: "API reference" };

/** The API reference. It loads nothing from other hosts. */
export default function DocsPage() {
  return (
    <>
      <header className="flex items-center justify-between gap-4 border-line border-b bg-surface px-5 py-3">
        <Link href="/" aria-label="Tollgate, the portal">
          <Logo />
        </Link>
        <a className="text-accent text-sm hover:text-accent-hover" href="/api/openapi.json">
          openapi.json
        </a>
      </header>
      <main>
        <ApiReference specUrl="/api/openapi.json" />
        <noscript>
          <p className="p-5">This page requires JavaScript. The same reference is at /api/openapi.json.</p>
        </noscript>
      </main>
    </>
  );
}
