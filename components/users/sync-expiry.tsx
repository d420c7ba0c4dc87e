"use client";

import { RefreshCw } from "lucide-react";
import { useTransition } from "react";
import { plural } from "#components/format/limit-words";
import { Button } from "#components/ui/button";
import { useToast } from "#components/ui/toast";
import type { ActionResult } from "#lib/http/action-result";
import type { ExpirySync } from "#lib/services/users/sync-all-expiry";

type Props = { sync: (input: Record<string, never>) => Promise<ActionResult<ExpirySync>> };

/** Notes every payment that has expired, and tells how many. */
export function SyncExpiry({ sync }: Props) {
  const [pending, startTransition] = useTransition();
  const toast = useToast();
  return (
    <Button
      pending={pending}
      onClick={() =>
        startTransition(async () => {
          const result = await sync({});
          toast(result.ok ? told(result.data) : result.error.message);
        })
      }
    >
      {pending ? null : <RefreshCw aria-hidden="true" />}
      Sync expiry
    </Button>
  );
}

const told = ({ checked, expired }: ExpirySync) =>
  `${plural(checked, "payment")} checked, ${expired === 0 ? "none" : expired} newly expired.`;
