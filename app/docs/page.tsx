import type { Metadata } from "next";
import { SnippetTabs } from "#components/keys/snippet-tabs";
import { ApiReference } from "./api-reference";
import "swagger-ui-dist/swagger-ui.css";

export const metadata: Metadata = { title: "API reference" };

/** The API reference. It loads nothing from other hosts. */
export default function DocsPage() {
  return (
    <main>
      <section className="mx-auto flex w-full max-w-3xl flex-col gap-3 px-5 py-8" aria-labelledby="start">
        <h1 id="start" className="font-semibold text-lg">
          Send a request
        </h1>
        <p className="text-ink-2 text-sm">
          Change the base URL and the key of the SDK or the coding agent that you have. Keys are on the
          portal's page "API keys".
        </p>
        <SnippetTabs apiKey="YOUR_TOLLGATE_KEY" model="MODEL" />
      </section>
      <ApiReference specUrl="/api/openapi.json" />
      <noscript>
        <p className="p-5">This page requires JavaScript. The same reference is at /api/openapi.json.</p>
      </noscript>
    </main>
  );
}
