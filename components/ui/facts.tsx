import type { ReactNode } from "react";
import { CopyButton } from "./copy-button";

export type Fact = {
  label: string;
  value: ReactNode;
  /** The text to copy, if the fact has a copy button. */
  copy?: string;
};

/** A list of labels and values. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="px-4 pb-2 text-sm">
      {facts.map((fact) => (
        <div key={fact.label} className="flex min-h-9 items-center gap-3 border-t py-1 first:border-t-0">
          <dt className="w-32 shrink-0 text-ink-3 text-xs">{fact.label}</dt>
          <dd className="flex min-w-0 flex-1 items-center justify-end gap-1 text-right text-ink">
            <span className="min-w-0 break-words">{fact.value}</span>
            {fact.copy ? <CopyButton text={fact.copy} what={fact.label} className="-mr-1.5" /> : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** An id, shortened; the whole one on hover. */
export const ShortId = ({ id }: { id: string }) => (
  <code className="font-mono text-xs" title={id}>
    {id.slice(0, 8)}…{id.slice(-6)}
  </code>
);
