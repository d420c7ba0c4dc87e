import { ArrowLeft } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { CopyButton } from "#components/ui/copy-button";

type Props = {
  /** The list page; null if the reader may not open it. */
  back: { href: string; label: string } | null;
  title: string;
  /** The status, next to the title. */
  badge?: ReactNode;
  /** "Request ID" */
  idLabel: string;
  id: string;
  /** Actions. */
  children?: ReactNode;
};

/** The header of a detail page. */
export function DetailHeader({ back, title, badge, idLabel, id, children }: Props) {
  return (
    <>
      {back ? (
        <Link
          href={back.href}
          className="mb-3 inline-flex items-center gap-1.5 rounded-sm text-ink-3 text-sm transition-colors hover:text-ink"
        >
          <ArrowLeft className="size-3.5" aria-hidden="true" />
          {back.label}
        </Link>
      ) : null}
      <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="min-w-0 break-words font-semibold text-ink text-xl">{title}</h1>
            {badge}
          </div>
          <p className="mt-0.5 flex min-w-0 items-center gap-1 text-ink-3">
            <code className="min-w-0 truncate font-mono text-xs">{id}</code>
            <CopyButton text={id} what={idLabel} />
          </p>
        </div>
        {children ? <div className="flex flex-wrap items-center gap-2">{children}</div> : null}
      </header>
    </>
  );
}
