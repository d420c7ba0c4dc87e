"use client";

import { CodeBlock } from "./code-block";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "./tabs";

export type Snippet = { id: string; label: string; code: string };

/** One snippet in several languages. */
export function CodeTabs({ snippets }: { snippets: readonly Snippet[] }) {
  return (
    <Tabs defaultValue={snippets[0]?.id} className="overflow-hidden rounded-lg border bg-sunken">
      <TabsList aria-label="Language">
        {snippets.map(({ id, label }) => (
          <TabsTrigger key={id} value={id}>
            {label}
          </TabsTrigger>
        ))}
      </TabsList>
      {snippets.map(({ id, label, code }) => (
        <TabsContent key={id} value={id}>
          <CodeBlock code={code} label={`${label} snippet`} />
        </TabsContent>
      ))}
    </Tabs>
  );
}
