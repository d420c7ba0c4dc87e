"use client";

import { useState } from "react";
import type { FindOptions } from "#components/fields/find-choices";
import { SearchSelect } from "#components/ui/search-select";
import type { Option } from "#components/ui/select";
import { ANY, filterClasses } from "./filter-select";

type Props = {
  label: string;
  /** The label of no choice: "Any user". */
  anyLabel: string;
  value: string | null;
  onChange: (value: string | null) => void;
  /** What the value may be called. */
  known: readonly Option[];
  find: FindOptions;
};

/** A filter of a list by one of many, which are searched for on the server. */
export function SearchFilter({ label, anyLabel, value, onChange, known, find }: Props) {
  const [chosen, setChosen] = useState<Option | null>(null);
  const any = { value: ANY, label: anyLabel };
  const named = [any, ...(chosen === null ? [] : [chosen]), ...known];
  return (
    <SearchSelect
      aria-label={label}
      value={named.find((option) => option.value === (value ?? ANY)) ?? { value: ANY, label: value ?? "" }}
      onValueChange={(option) => {
        setChosen(option);
        onChange(option.value === ANY ? null : option.value);
      }}
      fixed={[any]}
      find={find}
      className={filterClasses(value)}
    />
  );
}
