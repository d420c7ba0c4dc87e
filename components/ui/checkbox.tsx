"use client";

import { Check } from "lucide-react";
import { Checkbox as Radix } from "radix-ui";
import { type ComponentProps, useId } from "react";

type CheckboxProps = Omit<ComponentProps<typeof Radix.Root>, "id"> & { label: string };

export function Checkbox({ label, ...props }: CheckboxProps) {
  const id = useId();
  return (
    <div className="flex items-center gap-2.5 rounded-sm px-2 py-1 hover:bg-sunken">
      <Radix.Root
        id={id}
        className="flex size-4 shrink-0 items-center justify-center rounded-xs border border-control bg-surface text-on-accent data-[state=checked]:border-accent data-[state=checked]:bg-accent"
        {...props}
      >
        <Radix.Indicator>
          <Check className="size-3" strokeWidth={3} aria-hidden="true" />
        </Radix.Indicator>
      </Radix.Root>
      <label htmlFor={id} className="min-w-0 flex-1 cursor-pointer truncate py-0.5 text-sm">
        {label}
      </label>
    </div>
  );
}
