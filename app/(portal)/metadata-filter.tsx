"use client";

import { type KeyboardEvent, useId, useState } from "react";
import { filterClasses } from "#components/filters/filter-select";
import { FieldError } from "#components/ui/field";
import { Input } from "#components/ui/input";
import { parseAsCursor, parseAsPair } from "./address-parsers";
import { useAddress } from "./use-address";

const PARSERS = { metadata: parseAsPair, cursor: parseAsCursor };

/** Filters a list by one pair of metadata, as `?metadata=team=search` in the address. */
export function MetadataFilter() {
  const [{ metadata }, setParams] = useAddress(PARSERS);
  const [typed, setTyped] = useState<string | null>(null);
  const id = useId();
  const current = metadata === null ? "" : `${metadata.name}=${metadata.value}`;
  const text = typed ?? current;
  const pair = text.trim() === "" ? null : parseAsPair.parse(text);
  const [isWrong, setIsWrong] = useState(false);
  const apply = () => {
    if (typed === null) return;
    setIsWrong(pair === null && text.trim() !== "");
    if (pair === null && text.trim() !== "") return;
    setTyped(null);
    if (text.trim() !== current) setParams({ metadata: pair, cursor: null });
  };
  return (
    <div className="flex flex-col gap-1 max-sm:col-span-2">
      <Input
        aria-label="Metadata"
        aria-invalid={isWrong ? true : undefined}
        aria-describedby={isWrong ? `${id}-error` : undefined}
        placeholder="Metadata: team=search"
        className={`${filterClasses(metadata === null ? null : current)} sm:w-52`}
        autoComplete="off"
        maxLength={541}
        value={text}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event: KeyboardEvent) => {
          if (event.key === "Enter") apply();
        }}
        onBlur={apply}
      />
      <FieldError id={id}>{isWrong ? "Enter a name and a value, like team=search." : null}</FieldError>
    </div>
  );
}
