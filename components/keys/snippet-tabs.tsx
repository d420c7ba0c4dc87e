"use client";

import { snippets } from "#components/snippets/snippets";
import { useOrigin } from "#components/snippets/use-origin";
import { CodeTabs } from "#components/ui/code-tabs";

/** The first request, ready to paste, for the address that this page was opened under. */
export function SnippetTabs({ apiKey, model }: { apiKey: string; model: string }) {
  return <CodeTabs snippets={snippets({ origin: useOrigin(), apiKey, model })} />;
}
