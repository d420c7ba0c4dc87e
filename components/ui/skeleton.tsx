import { cn } from "./cn";

/** The shape of loading content. Its container needs `aria-busy` and a text for screen readers. */
export const Skeleton = ({ className }: { className?: string }) => (
  <div className={cn("animate-breathe rounded-sm bg-sunken", className)} aria-hidden="true" />
);
