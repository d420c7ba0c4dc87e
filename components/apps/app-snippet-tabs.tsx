"use client";

import { appSnippets } from "#components/snippets/app-snippets";
import { useOrigin } from "#components/snippets/use-origin";
import { CodeTabs } from "#components/ui/code-tabs";

type Props = { secret: string; appId: string; model: string };

/** Code for an app's first request, with this page's origin. */
export function AppSnippetTabs(props: Props) {
  return <CodeTabs snippets={appSnippets({ origin: useOrigin(), ...props })} />;
}
