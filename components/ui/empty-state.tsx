import type { ReactNode } from "react";
import { cn } from "./cn";

type EmptyStateProps = {
  title: string;
  /** h1 if the page has no other heading. */
  heading?: "h1" | "h2";
  children: ReactNode;
  action?: ReactNode;
  className?: string;
};

/** Shown instead of an empty list: why it is empty and what to do. */
export function EmptyState({ title, heading = "h2", children, action, className }: EmptyStateProps) {
  const Heading = heading;
  return (
    <div className={cn("flex flex-col items-center px-6 py-16 text-center", className)}>
      <Barrier />
      <Heading className="mt-5 font-medium text-base text-ink">{title}</Heading>
      <div className="mt-1 max-w-sm text-balance text-ink-2 text-sm">{children}</div>
      {action ? <div className="mt-5">{action}</div> : null}
    </div>
  );
}

/** A raised barrier. */
function Barrier() {
  return (
    <svg
      viewBox="0 0 96 56"
      className="h-14 text-line-strong"
      aria-hidden="true"
      focusable="false"
      fill="none"
    >
      <path d="M2 53.5h92" stroke="currentColor" strokeDasharray="3 4" />
      <path d="M22 29.4 32 26v27H22z" fill="currentColor" />
      <path d="M10 25.6 40 15.4v9L10 34.6z" fill="var(--color-accent)" />
      <path d="m45 13.7 18-6.1v9l-18 6.1zM68 5.9l18-6.1v9l-18 6.1z" fill="currentColor" />
    </svg>
  );
}
