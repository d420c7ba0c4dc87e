import Link from "next/link";
import type { ComponentProps } from "react";
import { cn } from "./cn";

/** A link in text. */
export const TextLink = ({ className, ...props }: ComponentProps<typeof Link>) => (
  <Link
    className={cn(
      "rounded-xs underline decoration-line-strong underline-offset-3 hover:decoration-accent",
      className,
    )}
    {...props}
  />
);
