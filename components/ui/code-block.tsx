import { cn } from "./cn";
import { CopyButton } from "./copy-button";

/** Code with a copy button. It scrolls on its own, also by keyboard. */
export function CodeBlock({ code, label, className }: { code: string; label: string; className?: string }) {
  return (
    <div className={cn("group relative", className)}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1) */}
      <section className="overflow-x-auto" aria-label={label} tabIndex={0}>
        <pre className="w-max min-w-full px-4 py-3.5 pr-12 font-mono text-ink text-xs leading-5">
          <code>{code}</code>
        </pre>
      </section>
      <div className="absolute top-2 right-2 rounded-md bg-sunken">
        <CopyButton text={code} what={label} />
      </div>
    </div>
  );
}
