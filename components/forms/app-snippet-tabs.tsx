"use client";

import { appSnippets } from "./app-snippets";
import { CodeTabs } from "./code-tabs";
import { useOrigin } from "./use-origin";

type Props = { secret: string; appId: string; model: string };

/** An app's first request, ready to paste, for the address that this page was opened under. */
export function AppSnippetTabs(props: Props) {
  return <CodeTabs snippets={appSnippets({ origin: useOrigin(), ...props })} />;
}
