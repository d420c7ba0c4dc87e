"use client";

import { ActionsMenu, deleteAction } from "#components/dialogs/actions-menu";
import type { deleteAdminToken } from "#lib/services/admin-tokens/delete-admin-token";
import type { ActionOf } from "#lib/services/verb";

type Props = { id: string; name: string; prefix: string; remove: ActionOf<typeof deleteAdminToken> };

/** The actions on an admin token. */
export const TokenActions = ({ id, name, prefix, remove }: Props) => (
  <ActionsMenu
    inRow
    name={name}
    actions={[
      deleteAction("token", {
        name,
        description: (
          <>
            Requests with <code className="font-mono text-ink text-xs">{prefix}…</code> are rejected
            immediately. This cannot be undone.
          </>
        ),
        run: () => remove({ id }),
      }),
    ]}
  />
);
