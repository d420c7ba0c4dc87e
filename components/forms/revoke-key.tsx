"use client";

import { Ban } from "lucide-react";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import { ConfirmDialog } from "#components/ui/dialog";
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
  const [error, setError] = useState<string>();
  const [pending, startTransition] = useTransition();
  const toast = useToast();
  const confirm = () =>
    startTransition(async () => {
      const result = await revoke({ id });
      if (!result.ok) return setError(result.error.message);
      setOpen(false);
      toast(`“${name}” is revoked.`);
    });
  return (
    <>
      <Button
        variant="ghost"
        size="sm"
        className="px-2 text-ink-3 hover:bg-danger-soft hover:text-danger"
        aria-label={`Revoke ${name}`}
        onClick={() => {
          setError(undefined);
          setOpen(true);
        }}
      >
        <Ban className="sm:hidden" aria-hidden="true" />
        <span className="hidden sm:inline">Revoke</span>
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Revoke “${name}”?`}
        description={
          <>
            Every client that uses <code className="font-mono text-ink text-xs">{prefix}…</code> is refused
            from its next request on. This cannot be undone; its requests stay in the ledger.
          </>
        }
        confirm="Revoke key"
        pending={pending}
        error={error}
        onConfirm={confirm}
      />
    </>
  );
}
