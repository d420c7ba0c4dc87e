import { cn } from "#components/ui/cn";

/** The mark: a T with a raised barrier for its bar. */
export function LogoMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={cn("size-6", className)} aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="var(--color-accent)" />
      <g fill="var(--color-on-accent)">
        <path d="M4.5 12.60 19.2 7.60v5.2L4.5 17.80z" />
        <path d="M21.6 6.79 27.5 4.78v5.2L21.6 11.99z" />
        <path d="M10.4 15l5.2-1.77V27h-5.2z" />
      </g>
    </svg>
  );
}

export function Logo({ className }: { className?: string }) {
  return (
    <span className={cn("inline-flex items-center gap-2.5", className)}>
      <LogoMark />
      <span className="font-semibold text-lg text-ink tracking-[-0.022em]">Tollgate</span>
    </span>
  );
}
