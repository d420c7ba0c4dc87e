"use client";

import { Search } from "lucide-react";
import { Input } from "#components/ui/input";
import { secretIn, shortenedKey } from "./shortened-key";
import { linkAt, useSearchText } from "./use-search-text";

type Props = {
  /** "Search keys by name or prefix" */
  label: string;
  placeholder: string;
  /** Takes a pasted secret, which is not searched for: no secret gets into the address. */
  onSecret?: (secret: string) => void;
};

/** Searches a list: sets `?q=` in the address and returns to the first page. */
export function SearchBox({ label, placeholder, onSecret }: Props) {
  const { text, type, apply } = useSearchText();
  return (
    <search className="relative w-full sm:w-64">
      <Search
        className="-translate-y-1/2 pointer-events-none absolute top-1/2 left-2.5 size-3.5 text-ink-3"
        aria-hidden="true"
      />
      <Input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        className="h-8 pl-8"
        maxLength={100}
        value={text}
        onChange={(event) => type(shortenedKey(event.target.value))}
        onPaste={(event) => {
          const secret = onSecret && secretIn(event.clipboardData.getData("text"));
          if (!secret) return;
          event.preventDefault();
          onSecret(secret);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") apply();
        }}
        onBlur={(event) => {
          // A click on a link must not have the list change under the pointer.
          if (linkAt(event.relatedTarget) === null) apply();
        }}
      />
    </search>
  );
}
