"use client";

import { DropdownMenu as Radix } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "./cn";

/** Not modal, because that would hide the rest of the page from screen readers. */
export const DropdownMenu = (props: ComponentProps<typeof Radix.Root>) => (
  <Radix.Root modal={false} {...props} />
);
export const DropdownMenuTrigger = Radix.Trigger;

export function DropdownMenuContent({ className, ...props }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        sideOffset={6}
        collisionPadding={12}
        className={cn("z-50 min-w-48 animate-rise rounded-lg bg-raised p-1 shadow-pop", className)}
        {...props}
      />
    </Radix.Portal>
  );
}

export function DropdownMenuItem({
  danger = false,
  className,
  ...props
}: ComponentProps<typeof Radix.Item> & { danger?: boolean }) {
  return (
    <Radix.Item
      className={cn(
        "flex cursor-default select-none items-center gap-2.5 rounded-sm px-2 py-1.5 text-sm outline-none data-highlighted:bg-sunken data-disabled:text-ink-4 [&_svg]:size-4 [&_svg]:text-ink-3",
        danger && "text-danger data-highlighted:bg-danger-soft [&_svg]:text-danger",
        className,
      )}
      {...props}
    />
  );
}

export const DropdownMenuSeparator = () => <Radix.Separator className="my-1 h-px bg-line" />;
