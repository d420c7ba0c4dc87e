import Link from "next/link";
import { FirstRequest } from "#components/keys/first-request";
import { SnippetTabs } from "#components/keys/snippet-tabs";
import { SetupList } from "#components/setup/setup-list";
import { Button } from "#components/ui/button";
import { Card, CardHeader } from "#components/ui/card";
import { EmptyState } from "#components/ui/empty-state";
import { keyFormOptions } from "#lib/portal/keys/key-form-options";
import type { SetupSteps } from "#lib/portal/setup/setup-steps";
import type { UsageRange } from "#lib/portal/usage/usage-range";
import type { ServiceContext } from "#lib/services/context";
import { listKeys } from "#lib/services/keys/list-keys";
import { keysHref } from "./keys/key-params";
import { RANGE_WORDS } from "./overview-params";

type Props = {
  ctx: ServiceContext;
  range: UsageRange;
  /** What an administrator has still to do; null if nothing. */
  steps: SetupSteps | null;
};

/** Shown on the overview without requests: how to send the first one. */
export async function FirstSteps({ ctx, range, steps }: Props) {
  const [keys, options] = await Promise.all([listKeys(ctx, { limit: 1 }), keyFormOptions(ctx)]);
  const hasKey = keys.data.length > 0;
  if (steps) {
    const { request: _, ...before } = steps;
    const isReady = Object.values(before).every((done) => done);
    return (
      <div className="flex flex-col gap-4">
        <SetupList steps={steps} />
        {isReady ? (
          <Card>
            <CardHeader title="Send the first request" />
            <div className="px-4 pb-4">
              <SnippetTabs apiKey="YOUR_TOLLGATE_KEY" model={options?.models[0] ?? "gpt-4o-mini"} />
            </div>
          </Card>
        ) : null}
      </div>
    );
  }
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
