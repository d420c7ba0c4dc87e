import { Badge } from "#components/ui/badge";
import { StatusDot } from "#components/ui/status-dot";
import type { ProviderState } from "#lib/portal/providers/provider-table";

/** How a provider is, in a word. */
export function ProviderHealth({ health }: Pick<ProviderState, "health">) {
  switch (health) {
    case "healthy":
      return <StatusDot>Healthy</StatusDot>;
    case "unused":
      return <StatusDot tone="neutral">Not used yet</StatusDot>;
    case "disabled":
      return <Badge>Disabled</Badge>;
    case "failing":
      return <Badge tone="wait">Failing</Badge>;
    case "down":
      return <Badge tone="danger">Down</Badge>;
  }
}
