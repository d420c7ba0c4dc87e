import { CircleAlert, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn";

type CalloutProps = { tone: "danger" | "wait"; className?: string; children: ReactNode };

/** A notice. Screen readers announce errors when they appear. */
export function Callout({ tone, className, children }: CalloutProps) {
  const Icon = tone === "danger" ? CircleAlert : TriangleAlert;
  return (
    <div
      role={tone === "danger" ? "alert" : undefined}
      className={cn(
        "flex gap-2.5 rounded-md px-3 py-2.5 text-sm",
        tone === "danger" ? "bg-danger-soft text-danger" : "bg-wait-soft text-wait",
        className,
      )}
    >
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
      <div className="min-w-0 text-ink">{children}</div>
    </div>
  );
}
