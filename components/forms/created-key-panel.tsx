"use client";

import { useEffect, useRef } from "react";
import { Button } from "#components/ui/button";
import { Callout } from "#components/ui/callout";
import { CopyButton } from "#components/ui/copy-button";
import { DialogBody, DialogFooter } from "#components/ui/dialog";
import type { NewKey } from "#lib/services/keys/key";
import { SnippetTabs } from "./snippet-tabs";

type Props = { created: NewKey; model: string; onDone: () => void };

/** A new key, in the only moment in which it can be seen, and what to do with it. */
export function CreatedKeyPanel({ created, model, onDone }: Props) {
  const field = useRef<HTMLInputElement>(null);
  // The form that had the focus is gone: without this a screen reader would start over at the page.
  useEffect(() => field.current?.select(), []);
  return (
    <>
      <DialogBody className="flex flex-col gap-4">
        <div>
          <label htmlFor="new-key" className="font-medium text-ink text-sm">
            Your key
          </label>
          <div className="mt-1.5 flex gap-2">
            <input
              ref={field}
              id="new-key"
              readOnly
              value={created.key}
              aria-describedby="new-key-once"
              onFocus={(event) => event.target.select()}
              className="h-9 min-w-0 flex-1 rounded-md border border-accent bg-accent-soft px-3 font-mono text-ink text-xs"
            />
            <CopyButton text={created.key} what="key" labelled variant="primary" className="h-9" />
          </div>
        </div>
        <Callout tone="wait">
          <p id="new-key-once">
            It is shown this once. Tollgate keeps only a hash of it; a lost key is replaced, not recovered.
          </p>
        </Callout>
        <SnippetTabs apiKey={created.key} model={model} />
      </DialogBody>
      <DialogFooter>
        <Button onClick={onDone}>I have saved it</Button>
      </DialogFooter>
    </>
  );
}
