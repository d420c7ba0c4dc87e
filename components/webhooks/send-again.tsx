"use client";

import { RotateCw } from "lucide-react";
import { ActionsMenu } from "#components/dialogs/actions-menu";
import type { ActionOf } from "#lib/services/verb";
import type { replayDelivery } from "#lib/services/webhooks/replay-delivery";

type Props = {
  id: string;
  /** What the event says. */
  what: string;
  replay: ActionOf<typeof replayDelivery>;
};

/** The button that sends an event again. */
export const SendAgain = ({ id, what, replay }: Props) => (
  <ActionsMenu
    name={what}
    inRow
    actions={[
      {
        label: "Send again",
        icon: RotateCw,
        title: "Send it again?",
        description: `“${what}” is posted once more, with the same id.`,
        confirm: "Send again",
        harmless: true,
        run: () => replay({ id }),
        toast: "It is sent within a minute.",
      },
    ]}
  />
);
