import Link from "next/link";
import { KeyTable } from "#components/keys/key-table";
import { Button } from "#components/ui/button";
import { Card, CardHeader } from "#components/ui/card";
import { keyFormOptions } from "#lib/portal/keys/key-form-options";
import type { ServiceContext } from "#lib/services/context";
import { listKeys } from "#lib/services/keys/list-keys";
import type { User } from "#lib/services/users/user";
import { keyActions } from "../../keys/key-actions";

const SHOWN = 10;

/** A user's newest keys. */
export async function UserKeys({ ctx, user }: { ctx: ServiceContext; user: User }) {
  const [keys, options] = await Promise.all([
    listKeys(ctx, { user_id: user.id, limit: SHOWN }),
    keyFormOptions(ctx),
  ]);
  return (
    <Card>
      <CardHeader
        title="API keys"
        aside={
          <Button size="sm" asChild>
            <Link href={ctx.actor.role === "member" ? "/keys" : `/keys?user=${user.id}`}>View all keys</Link>
          </Button>
        }
      />
      {keys.data.length === 0 ? (
        <p className="px-4 pb-5 text-ink-3 text-sm">No API keys yet.</p>
      ) : (
        <div className="border-t">
          <KeyTable
            keys={keys.data}
            nowMs={Date.now()}
            role={ctx.actor.role}
            options={options}
            actions={keyActions}
          />
        </div>
      )}
    </Card>
  );
}
