"use client";

import { Search } from "lucide-react";
import { debounce, useQueryStates } from "nuqs";
import { Input } from "#components/ui/input";
import { keyParsers } from "./key-params";

const PAUSE_MS = 250;

export function KeySearch() {
  const [{ q }, setParams] = useQueryStates(keyParsers, { shallow: false });
  return (
    <search className="relative w-full sm:w-64">
      <Search
        className="-translate-y-1/2 pointer-events-none absolute top-1/2 left-2.5 size-3.5 text-ink-3"
        aria-hidden="true"
      />
      <Input
        type="search"
        aria-label="Search keys by name or prefix"
        placeholder="Name or prefix"
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
