import type { Metadata } from "next";
import Link from "next/link";
import { Logo } from "#components/brand/logo";
import { ApiReference } from "./api-reference";
import "swagger-ui-dist/swagger-ui.css";

export const metadata: Metadata = { title: "API reference" };

/** The APIs' reference, from this server alone: it can be read where no other host can be reached. */
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
          <p className="p-5">This page needs JavaScript; /api/openapi.json says the same as data.</p>
        </noscript>
      </main>
    </>
  );
}
