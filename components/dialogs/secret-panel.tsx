"use client";

import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "#components/ui/button";
import { Callout } from "#components/ui/callout";
import { CopyButton } from "#components/ui/copy-button";
import { DialogBody, DialogFooter } from "#components/ui/dialog";

type Props = {
  secret: string;
  /** "key" */
  noun: string;
  /** How to use it. */
  children: ReactNode;
  onDone: () => void;
};

/** A new secret, which is shown only once. */
export function SecretPanel({ secret, noun, children, onDone }: Props) {
  const field = useRef<HTMLInputElement>(null);
  // The form that had the focus is gone: without this a screen reader would start at the top of the page.
  useEffect(() => field.current?.select(), []);
  return (
    <>
      <DialogBody className="flex flex-col gap-4">
        <div>
          <label htmlFor="new-secret" className="font-medium text-ink text-sm">
            Your {noun}
          </label>
          <div className="mt-1.5 flex gap-2">
            <input
              ref={field}
              id="new-secret"
              readOnly
              value={secret}
              aria-describedby="new-secret-once"
              onFocus={(event) => event.target.select()}
              className="h-9 min-w-0 flex-1 rounded-md border border-accent bg-accent-soft px-3 font-mono text-ink text-xs"
            />
            <CopyButton text={secret} what={noun} labelled variant="primary" className="h-9" />
          </div>
        </div>
        <Callout tone="wait">
          <p id="new-secret-once">
            Copy it now: it is shown only once, and a lost {noun} cannot be recovered.
          </p>
        </Callout>
        {children}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onDone}>Done</Button>
      </DialogFooter>
    </>
  );
}
