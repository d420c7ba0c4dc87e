"use client";

import { CodeTabs } from "./code-tabs";
import { snippets } from "./snippets";
import { useOrigin } from "./use-origin";

/** The first request, ready to paste, for the address that this page was opened under. */
export function SnippetTabs({ apiKey, model }: { apiKey: string; model: string }) {
  return <CodeTabs snippets={snippets({ origin: useOrigin(), apiKey, model })} />;
}
