import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";

export function Card({ className, ...props }: ComponentProps<"section">) {
  return <section className={cn("panel overflow-hidden", className)} {...props} />;
}

type CardHeaderProps = {
  title: string;
  id?: string;
  aside?: ReactNode;
  children?: ReactNode;
  className?: string;
};

/** A panel's title and description, with its actions at the right. */
export function CardHeader({ title, id, aside, children, className }: CardHeaderProps) {
  return (
    <header className={cn("flex min-h-12 items-center gap-3 px-4 py-2.5", className)}>
      <div className="min-w-0 flex-1">
        <h2 id={id} className="font-medium text-ink text-sm">
          {title}
        </h2>
        {children}
      </div>
      {aside}
    </header>
  );
}
