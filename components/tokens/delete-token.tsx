"use client";

import { Trash2 } from "lucide-react";
import { useState } from "react";
import { Confirmation } from "#components/dialogs/confirmation";
import { Button } from "#components/ui/button";
import { useToast } from "#components/ui/toast";
import type { ActionResult } from "#lib/http/action-result";

type Props = {
  id: string;
  name: string;
  prefix: string;
  remove: (input: { id: string }) => Promise<ActionResult<unknown>>;
};

export function DeleteToken({ id, name, prefix, remove }: Props) {
  const [open, setOpen] = useState(false);
  const toast = useToast();
  return (
    <>
      <Button
        variant="ghost"
        size="sm"
        className="px-2 text-ink-3 hover:bg-danger-soft hover:text-danger"
        aria-label={`Delete ${name}`}
        onClick={() => setOpen(true)}
      >
        <Trash2 className="sm:hidden" aria-hidden="true" />
        <span className="hidden sm:inline">Delete</span>
      </Button>
      <Confirmation
        open={open}
        onClose={() => setOpen(false)}
        title={`Delete “${name}”?`}
        description={
          <>
            Whatever uses <code className="font-mono text-ink text-xs">{prefix}…</code> is refused from its
            next request on. This cannot be undone.
          </>
        }
        confirm="Delete token"
        run={() => remove({ id })}
        onDone={() => toast(`“${name}” is deleted.`)}
      />
    </>
  );
}
