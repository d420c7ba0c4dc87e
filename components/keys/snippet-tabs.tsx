"use client";

import { snippets } from "#components/snippets/snippets";
import { useOrigin } from "#components/snippets/use-origin";
import { CodeTabs } from "#components/ui/code-tabs";

/** Code for a first request, with this page's origin. */
export function SnippetTabs({ apiKey, model }: { apiKey: string; model: string }) {
  return <CodeTabs snippets={snippets({ origin: useOrigin(), apiKey, model })} />;
}
