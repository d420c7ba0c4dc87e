import type { ReactNode } from "react";
import { cn } from "./cn";

type Props = { tone?: "accent" | "wait" | "neutral"; className?: string; children: ReactNode };

const TONES = { accent: "bg-accent", wait: "bg-wait", neutral: "bg-ink-4" };

/** A normal status, less prominent than a badge. */
export const StatusDot = ({ tone = "accent", className, children }: Props) => (
  <span className={cn("inline-flex h-5 items-center gap-2 whitespace-nowrap text-ink-2 text-xs", className)}>
    <span className={cn("size-1.5 shrink-0 rounded-full", TONES[tone])} aria-hidden="true" />
    {children}
  </span>
);
