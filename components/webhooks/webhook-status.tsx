import { Badge } from "#components/ui/badge";
import type { Webhook } from "#lib/services/webhooks/webhook";

const REASONS = {
  failing: "Disabled: failed for five days",
  gone: "Disabled: it answered 410",
  manual: "Disabled",
};

/** Whether a webhook gets events, and if not, why. */
export function WebhookStatus({
  webhook: { disabled_reason: reason, failing_since: failing, enabled },
}: {
  webhook: Webhook;
}) {
  if (!enabled)
    return <Badge tone={reason === "manual" ? "neutral" : "danger"}>{REASONS[reason ?? "manual"]}</Badge>;
  return failing === null ? <Badge tone="accent">Enabled</Badge> : <Badge tone="wait">Failing</Badge>;
}
