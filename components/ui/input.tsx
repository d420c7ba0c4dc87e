import type { ComponentProps } from "react";
import { cn } from "./cn";

/** The style of every control that takes a value, such as Select. */
export const controlClasses =
  "h-9 w-full rounded-md border border-line-strong bg-surface px-3 text-sm text-ink shadow-panel transition-colors hover:border-control focus-visible:border-accent focus-visible:outline-2 focus-visible:outline-accent focus-visible:-outline-offset-1 disabled:cursor-not-allowed disabled:bg-sunken disabled:text-ink-3 aria-invalid:border-danger aria-invalid:focus-visible:outline-danger";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input className={cn(controlClasses, className)} {...props} />;
}
