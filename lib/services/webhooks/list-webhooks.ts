import { and, getTableColumns } from "drizzle-orm";
import { z } from "zod";
import { webhooks } from "#lib/db/schema/webhooks";
import { createdPage, createdPageQuery } from "#lib/services/created-page";
import { equals, ownerFilters } from "#lib/services/owners";
import { pageOf } from "#lib/services/page";
import { verb } from "#lib/services/verb";
import { toWebhook, Webhook } from "./webhook";
import { visibleWebhooks } from "./webhook-access";

/** The webhooks that the actor may see, newest first. */
export const listWebhooks = verb({
  role: "org_admin",
  input: z.strictObject({ organization_id: ownerFilters.organization_id, ...createdPageQuery }),
  output: pageOf(Webhook),
  run: async (ctx, { organization_id, limit, cursor }) => {
    const page = createdPage(webhooks, { limit, cursor });
    const query = ctx.db
      .select({ ...getTableColumns(webhooks), createdMicros: page.createdMicros })
      .from(webhooks)
      .where(and(visibleWebhooks(ctx.actor), equals(webhooks.organizationId, organization_id), page.after));
    return page.read(query, toWebhook);
  },
});
