import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "./cn";

const badge = cva(
  "inline-flex h-5 items-center gap-1.5 whitespace-nowrap rounded-sm px-1.5 font-medium text-xs",
  {
    variants: {
      tone: {
        accent: "bg-accent-soft text-accent",
        neutral: "bg-sunken text-ink-2",
        wait: "bg-wait-soft text-wait",
        danger: "bg-danger-soft text-danger",
        outline: "border text-ink-2",
      },
    },
    defaultVariants: { tone: "neutral" },
  },
);

export type Tone = NonNullable<VariantProps<typeof badge>["tone"]>;

export function Badge({ tone, className, ...props }: ComponentProps<"span"> & { tone?: Tone }) {
  return <span className={cn(badge({ tone }), className)} {...props} />;
}
