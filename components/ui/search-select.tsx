"use client";

import { Check, ChevronDown, Search } from "lucide-react";
import { Popover } from "radix-ui";
import { type ComponentProps, type KeyboardEvent, useId, useState } from "react";
import { cn } from "./cn";
import { controlClasses } from "./input";
import type { Option } from "./select";
import { useFoundOptions } from "./use-found-options";

type Props = Omit<ComponentProps<"button">, "value" | "onChange" | "role"> & {
  value: Option;
  onValueChange: (option: Option) => void;
  /** Options above those that are found, such as that of no choice. */
  fixed?: readonly Option[];
  /** Finds the first options that contain a text. Throws an error to be shown. */
  find: (search: string) => Promise<Option[]>;
};

/** A list of options of which the server has more than a page should hold: the reader searches for one. */
export function SearchSelect({ value, onValueChange, fixed = [], find, className, ...trigger }: Props) {
  const [open, setOpen] = useState(false);
  const listId = useId();
  return (
    <Popover.Root open={open} onOpenChange={setOpen} modal>
      <Popover.Trigger
        type="button"
        role="combobox"
        aria-controls={listId}
        data-value={value.value}
        className={cn(controlClasses, "flex items-center gap-2 text-left", className)}
        {...trigger}
      >
        <span className="min-w-0 flex-1 truncate">{value.label}</span>
        <ChevronDown className="size-3.5 shrink-0 text-ink-3" aria-hidden="true" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label="Options"
          align="start"
          sideOffset={4}
          collisionPadding={12}
          className="z-50 flex max-h-80 min-w-(--radix-popover-trigger-width) max-w-80 animate-rise flex-col overflow-hidden rounded-lg bg-raised shadow-pop outline-none"
        >
          <Choices
            {...{ listId, value, fixed, find }}
            onChoose={(option) => {
              onValueChange(option);
              setOpen(false);
            }}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

type ChoicesProps = {
  listId: string;
  value: Option;
  fixed: readonly Option[];
  find: (search: string) => Promise<Option[]>;
  onChoose: (option: Option) => void;
};

function Choices({ listId, value, fixed, find, onChoose }: ChoicesProps) {
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const { options: found, status } = useFoundOptions(text, find);
  const options = [...(text.trim() === "" ? fixed : []), ...found];
  const move = (event: KeyboardEvent) => {
    const last = options.length - 1;
    const to = {
      ArrowDown: Math.min(active + 1, last),
      ArrowUp: Math.max(active - 1, 0),
      Home: 0,
      End: last,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      setActive(to);
      document.getElementById(`${listId}-${to}`)?.scrollIntoView({ block: "nearest" });
    }
    if (event.key === "Enter") {
      // It would send the form around this.
      event.preventDefault();
      const option = options[active];
      if (option !== undefined) onChoose(option);
    }
  };
  return (
    <>
      <div className="relative border-b">
        <Search
          className="-translate-y-1/2 pointer-events-none absolute top-1/2 left-3 size-3.5 text-ink-3"
          aria-hidden="true"
        />
        <input
          role="combobox"
          aria-label="Search"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={options[active] === undefined ? undefined : `${listId}-${active}`}
          aria-autocomplete="list"
          autoComplete="off"
          placeholder="Search"
          maxLength={100}
          className="h-9 w-full bg-transparent pr-3 pl-9 text-ink text-sm outline-none placeholder:text-ink-3"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={move}
        />
      </div>
      <div
        id={listId}
        role="listbox"
        aria-label="Options"
        tabIndex={-1}
        className="min-h-0 overflow-y-auto p-1"
      >
        {options.map((option, index) => (
          <div
            key={option.value}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={option.value === value.value}
            tabIndex={-1}
            className={cn(
              "flex cursor-default select-none items-center gap-2 rounded-sm px-2 py-1.5 text-sm",
              index === active && "bg-sunken",
            )}
            onPointerMove={() => setActive(index)}
            onClick={() => onChoose(option)}
            onKeyDown={move}
          >
            <span className="min-w-0 flex-1 truncate">
              {option.label}
              {option.detail ? <span className="ml-2 text-ink-3 text-xs">{option.detail}</span> : null}
            </span>
            {option.value === value.value ? (
              <Check className="size-3.5 text-accent" aria-hidden="true" />
            ) : null}
          </div>
        ))}
      </div>
      <p role="status" className={cn("px-3 pb-2 text-ink-3 text-xs", status === null && "sr-only")}>
        {status}
      </p>
    </>
  );
}
