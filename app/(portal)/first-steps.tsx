import Link from "next/link";
import { FirstRequest } from "#components/keys/first-request";
import { Button } from "#components/ui/button";
import { Card } from "#components/ui/card";
import { EmptyState } from "#components/ui/empty-state";
import { keyFormOptions } from "#lib/portal/keys/key-form-options";
import type { UsageRange } from "#lib/portal/usage/usage-range";
import type { ServiceContext } from "#lib/services/context";
import { listKeys } from "#lib/services/keys/list-keys";
import { keysHref } from "./keys/key-params";
import { RANGE_WORDS } from "./overview-params";

type Props = { ctx: ServiceContext; range: UsageRange };

/** Shown on the overview without requests: how to send the first one. */
export async function FirstSteps({ ctx, range }: Props) {
  const [keys, options] = await Promise.all([listKeys(ctx, { limit: 1 }), keyFormOptions(ctx)]);
  const hasKey = keys.data.length > 0;
  return (
    <Card>
      <EmptyState
        title={hasKey ? `No requests in the last ${RANGE_WORDS[range]}` : "No requests yet"}
        action={
          options && !hasKey ? (
            <Button variant="primary" asChild>
              <Link href={keysHref("/keys", { new: true })}>Create key</Link>
            </Button>
          ) : null
        }
      >
        {hasKey
          ? "Send a request to see spend and usage here:"
          : options
            ? "Create an API key and point the OpenAI SDK at this gateway. Requests appear here with their exact cost."
            : "Your organization’s requests appear here with their exact cost."}
      </EmptyState>
      {hasKey ? <FirstRequest model={options?.models[0] ?? "gpt-4o-mini"} /> : null}
    </Card>
  );
}
