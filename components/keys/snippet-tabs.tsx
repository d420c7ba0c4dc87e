"use client";

import { agentSnippets, sdkSnippets } from "#components/snippets/guides";
import { useOrigin } from "#components/snippets/use-origin";
import { CodeTabs } from "#components/ui/code-tabs";

/** Code for a first request, and settings for coding agents, with this page's origin. */
export function SnippetTabs({ apiKey, model }: { apiKey: string; model: string }) {
  const facts = { origin: useOrigin(), apiKey, model };
  return (
    <div className="flex flex-col gap-3">
      <CodeTabs snippets={sdkSnippets(facts)} label="Language" />
      <CodeTabs snippets={agentSnippets(facts)} label="Coding agent" />
    </div>
  );
}
