import {
  type WithOrganizationName,
  withOrganizationNames,
} from "#lib/portal/organizations/with-organization-names";
import type { ServiceContext } from "#lib/services/context";
import type { Page } from "#lib/services/page";
import type { InputOf } from "#lib/services/verb";
import { getWebhook } from "#lib/services/webhooks/get-webhook";
import { listWebhooks } from "#lib/services/webhooks/list-webhooks";
import type { Webhook } from "#lib/services/webhooks/webhook";

export type WebhookTableRow = Webhook &
  WithOrganizationName & { /** Its name in the portal. */ host: string };

/**
 * Lists the webhooks that the actor administers, newest first.
 * @throws ServiceError "invalid", "forbidden"
 */
export async function webhookTable(
  ctx: ServiceContext,
  query: InputOf<typeof listWebhooks>,
): Promise<Page<WebhookTableRow>> {
  const { data, next_cursor } = await listWebhooks(ctx, query);
  return { data: await named(ctx, data), next_cursor };
}

/**
 * One of them.
 * @throws ServiceError "not_found" if there is none that the actor may see, "forbidden"
 */
export async function namedWebhook(ctx: ServiceContext, id: string): Promise<WebhookTableRow> {
  const [row] = await named(ctx, [await getWebhook(ctx, { id })]);
  if (row === undefined) throw new Error("a webhook without its name");
  return row;
}

async function named(ctx: ServiceContext, webhooks: readonly Webhook[]): Promise<WebhookTableRow[]> {
  const rows = await withOrganizationNames(ctx, webhooks);
  return rows.map((row) => ({ ...row, host: new URL(row.url).host }));
}
