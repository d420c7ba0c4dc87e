import type { Dispatcher } from "undici";
import type { Config } from "#lib/config/config";
import { withUpstreamAgent } from "#lib/providers/upstream-agent";

/** Runs `use` with connections to allowed addresses only, private ones by ALLOW_PRIVATE_WEBHOOKS; closes them at its end. */
export const withWebhookAgent = <T>(
  { ALLOW_PRIVATE_WEBHOOKS }: Pick<Config, "ALLOW_PRIVATE_WEBHOOKS">,
  use: (agent: Dispatcher) => Promise<T>,
): Promise<T> => withUpstreamAgent({ blockPrivate: !ALLOW_PRIVATE_WEBHOOKS }, use);
