"use client";

import { CheckCheck } from "lucide-react";
import { ActionButton } from "#components/dialogs/action-button";
import { plural } from "#components/format/limit-words";
import type { readNotices } from "#lib/services/notices/read-notices";
import type { ActionOf } from "#lib/services/verb";

type Props = { ids: readonly string[]; read: ActionOf<typeof readNotices> };

/** Marks the notices of a page as read. */
export const ReadNotices = ({ ids, read }: Props) => (
  <ActionButton
    icon={CheckCheck}
    size="sm"
    run={() => read({ ids: [...ids] })}
    toast={(done) => `${plural(done.read, "notice")} marked as read.`}
  >
    Mark {ids.length === 1 ? "it" : `these ${ids.length}`} as read
  </ActionButton>
);
