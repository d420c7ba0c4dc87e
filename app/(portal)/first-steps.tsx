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

/** What the overview shows while there is nothing to show: the way to the first request. */
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
              <Link href={keysHref("/keys", { new: true })}>Create a key</Link>
            </Button>
          ) : null
        }
      >
        {hasKey
          ? "Spend, requests and tokens appear here with the first request. Send one:"
          : options
            ? "Create a key, point the OpenAI SDK at this address, and the first request appears here with its exact cost."
            : "As soon as your organization sends a request, its exact cost appears here."}
      </EmptyState>
      {hasKey ? <FirstRequest model={options?.models[0] ?? "gpt-4o-mini"} /> : null}
    </Card>
  );
}
