"use client";

import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { SearchBox } from "#components/filters/search-box";
import { showError } from "#components/ui/toast";
import type { findKey } from "#lib/services/keys/find-key";
import type { ActionOf } from "#lib/services/verb";

/** Searches keys, and opens the one whose value is pasted, which is sent in a body rather than an address. */
export function KeySearch({ find }: { find: ActionOf<typeof findKey> }) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const open = (key: string) =>
    startTransition(async () => {
      const result = await find({ key });
      if (result.ok) router.push(`/keys/${result.data.id}`);
      else showError(result.error.message);
    });
  return (
    <>
      <SearchBox
        label="Search API keys by name or prefix, or paste a key"
        placeholder="Name, prefix or a pasted key"
        onSecret={open}
      />
      <span role="status" className={pending ? "text-ink-3 text-xs" : "sr-only"}>
        {pending ? "Looking for the key…" : ""}
      </span>
    </>
  );
}
