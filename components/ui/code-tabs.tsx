"use client";

import { CodeBlock } from "./code-block";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "./tabs";

export type Snippet = {
  id: string;
  label: string;
  code: string;
  /** Where it belongs, and the command that puts it there. */
  place?: string;
  command?: string;
};

type Props = { snippets: readonly Snippet[]; label?: string };

/** One snippet in several languages. The list scrolls on its own where it is too long. */
export function CodeTabs({ snippets, label: name = "Language" }: Props) {
  return (
    <Tabs defaultValue={snippets[0]?.id} className="min-w-0 overflow-hidden rounded-lg border bg-sunken">
      <TabsList aria-label={name} className="overflow-x-auto overflow-y-hidden">
        {snippets.map(({ id, label }) => (
          <TabsTrigger
            key={id}
            value={id}
            className="focus-visible:-outline-offset-2 mb-0 shrink-0 whitespace-nowrap"
          >
            {label}
          </TabsTrigger>
        ))}
      </TabsList>
      {snippets.map(({ id, label, code, place, command }) => (
        <TabsContent key={id} value={id}>
          <CodeBlock code={code} label={`${label} snippet`} />
          {place !== undefined && command !== undefined && (
            <div className="border-t">
              <p className="px-4 pt-2.5 text-ink-3 text-xs">{place}</p>
              <CodeBlock code={command} label={`${label} command`} />
            </div>
          )}
        </TabsContent>
      ))}
    </Tabs>
  );
}
