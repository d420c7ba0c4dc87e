"use client";

import { Search } from "lucide-react";
import { debounce, parseAsString, useQueryStates } from "nuqs";
import { Input } from "#components/ui/input";

const PAUSE_MS = 250;
const PARSERS = { q: parseAsString.withDefault(""), cursor: parseAsString };

type Props = {
  /** "Search keys by name or prefix" */
  label: string;
  placeholder: string;
};

/** Searches a list: what is typed goes into the address (`?q=`), back on the first page. */
export function SearchBox({ label, placeholder }: Props) {
  const [{ q }, setParams] = useQueryStates(PARSERS, { shallow: false });
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
        value={q}
        onChange={(event) =>
          setParams({ q: event.target.value, cursor: null }, { limitUrlUpdates: debounce(PAUSE_MS) })
        }
      />
    </search>
  );
}
