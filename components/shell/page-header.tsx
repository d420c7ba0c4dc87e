import type { ReactNode } from "react";

type PageHeaderProps = { title: string; description?: ReactNode; children?: ReactNode };

/** A page's title with the page's actions at its right. */
export function PageHeader({ title, description, children }: PageHeaderProps) {
  return (
    <header className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="font-semibold text-ink text-xl">{title}</h1>
        {description ? <p className="mt-0.5 text-ink-2 text-sm">{description}</p> : null}
      </div>
      {children ? <div className="flex flex-wrap items-center gap-2">{children}</div> : null}
    </header>
  );
}
