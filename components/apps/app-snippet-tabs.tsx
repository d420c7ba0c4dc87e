"use client";

import { appSnippets } from "#components/snippets/app-snippets";
import { useOrigin } from "#components/snippets/use-origin";
import { CodeTabs } from "#components/ui/code-tabs";

type Props = { secret: string; appId: string; model: string };

/** An app's first request, ready to paste, for the address that this page was opened under. */
export function AppSnippetTabs(props: Props) {
  return <CodeTabs snippets={appSnippets({ origin: useOrigin(), ...props })} />;
}
