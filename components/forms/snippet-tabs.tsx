"use client";

import { useSyncExternalStore } from "react";
import { CodeBlock } from "#components/ui/code-block";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "#components/ui/tabs";
import { snippets } from "./snippets";

const never = () => () => {};

/** The first request, ready to paste, for the address that this page was opened under. */
export function SnippetTabs({ apiKey, model }: { apiKey: string; model: string }) {
  const origin = useSyncExternalStore(
    never,
    () => window.location.origin,
    () => "",
  );
  const all = snippets({ origin, apiKey, model });
  return (
    <Tabs defaultValue="python" className="overflow-hidden rounded-lg border bg-sunken">
      <TabsList aria-label="Language">
        {all.map(({ id, label }) => (
          <TabsTrigger key={id} value={id}>
            {label}
          </TabsTrigger>
        ))}
      </TabsList>
      {all.map(({ id, label, code }) => (
        <TabsContent key={id} value={id}>
          <CodeBlock code={code} label={`${label} snippet`} />
        </TabsContent>
      ))}
    </Tabs>
  );
}
