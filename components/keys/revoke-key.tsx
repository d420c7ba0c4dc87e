"use client";

import { Ban } from "lucide-react";
import { useState } from "react";
import { Confirmation } from "#components/dialogs/confirmation";
import { Button } from "#components/ui/button";
import { useToast } from "#components/ui/toast";
import type { ActionResult } from "#lib/http/action-result";

type Props = {
  id: string;
  name: string;
  prefix: string;
  revoke: (input: { id: string }) => Promise<ActionResult<unknown>>;
};

export function RevokeKey({ id, name, prefix, revoke }: Props) {
  const [open, setOpen] = useState(false);
  const toast = useToast();
  return (
    <>
      <Button
        variant="ghost"
        size="sm"
        className="px-2 text-ink-3 hover:bg-danger-soft hover:text-danger"
        aria-label={`Revoke ${name}`}
        onClick={() => setOpen(true)}
      >
        <Ban className="sm:hidden" aria-hidden="true" />
        <span className="hidden sm:inline">Revoke</span>
      </Button>
      <Confirmation
        open={open}
        onClose={() => setOpen(false)}
        title={`Revoke “${name}”?`}
        description={
          <>
            Every client that uses <code className="font-mono text-ink text-xs">{prefix}…</code> is refused
            from its next request on. This cannot be undone; its requests stay in the ledger.
          </>
        }
        confirm="Revoke key"
        run={() => revoke({ id })}
        onDone={() => toast(`“${name}” is revoked.`)}
      />
    </>
  );
}
