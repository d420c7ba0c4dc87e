import { cn } from "./cn";

/** The shape of what is on its way. Put `aria-busy` and a spoken word on what surrounds it. */
export const Skeleton = ({ className }: { className?: string }) => (
  <div className={cn("animate-breathe rounded-sm bg-sunken", className)} aria-hidden="true" />
);
