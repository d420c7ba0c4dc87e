"use client";

import { Check, ChevronDown } from "lucide-react";
import { Select as Radix } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";
import { controlClasses } from "./input";

export type Option = { value: string; label: string; detail?: string };

type SelectProps = Omit<ComponentProps<typeof Radix.Trigger>, "value" | "onChange"> & {
  value: string;
  onValueChange: (value: string) => void;
  options: readonly Option[];
  placeholder?: string;
  /** In front of the value, such as an icon. */
  before?: ReactNode;
  name?: string;
};

/** A list of options, with keyboard support. */
export function Select({
  value,
  onValueChange,
  options,
  placeholder,
  before,
  name,
  className,
  disabled,
  ...trigger
}: SelectProps) {
  return (
    <Radix.Root value={value} onValueChange={onValueChange} name={name} disabled={disabled}>
      <Radix.Trigger
        data-value={value}
        className={cn(
          controlClasses,
          "flex items-center gap-2 text-left data-placeholder:text-ink-3",
          className,
        )}
        {...trigger}
      >
        {before}
        <span className="min-w-0 flex-1 truncate">
          {/* By itself, Radix knows the label only once scripts have run. */}
          <Radix.Value placeholder={placeholder}>
            {options.find((option) => option.value === value)?.label}
          </Radix.Value>
        </span>
        <Radix.Icon asChild>
          <ChevronDown className="size-3.5 shrink-0 text-ink-3" aria-hidden="true" />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          collisionPadding={12}
          className="z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) max-w-80 animate-rise overflow-hidden rounded-lg bg-raised shadow-pop"
        >
          <Radix.Viewport className="p-1">
            {options.map((option) => (
              <Radix.Item
                key={option.value}
                value={option.value}
                className="flex cursor-default select-none items-center gap-2 rounded-sm px-2 py-1.5 text-sm outline-none data-highlighted:bg-sunken"
              >
                <span className="min-w-0 flex-1 truncate">
                  <Radix.ItemText>{option.label}</Radix.ItemText>
                  {option.detail ? <span className="ml-2 text-ink-3 text-xs">{option.detail}</span> : null}
                </span>
                <Radix.ItemIndicator>
                  <Check className="size-3.5 text-accent" aria-hidden="true" />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
