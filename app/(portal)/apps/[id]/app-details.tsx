import Link from "next/link";
import { AppSnippetTabs } from "#components/apps/app-snippet-tabs";
import { UsageCard } from "#components/charts/usage-card";
import { DetailGrid } from "#components/shell/detail-grid";
import { changeHistory, DetailsCard } from "#components/shell/details-card";
import { modelFor } from "#components/snippets/app-snippets";
import { Card, CardHeader } from "#components/ui/card";
import { Day } from "#components/ui/day";
import type { Fact } from "#components/ui/facts";
import { withOrganizationNames } from "#lib/portal/organizations/with-organization-names";
import type { App } from "#lib/services/apps/app";
import { appUsage } from "#lib/services/apps/app-usage";
import type { ServiceContext } from "#lib/services/context";
import { type KeyBounds, readKeyBounds } from "#lib/services/keys/key-bounds";
import { modelsFact } from "../../bound-facts";
import { BudgetNotices } from "../../budget-notices";
import { DailySpend } from "../../daily-spend";
import { limitFacts } from "../../limit-facts";
import { metadataFacts } from "../../metadata-fact";

type Props = { ctx: ServiceContext; app: App; models: readonly string[] };

export async function AppDetails({ ctx, app, models }: Props) {
  const { id, budget } = app;
  const [usage, [named], bounds] = await Promise.all([
    appUsage(ctx, { id }),
    withOrganizationNames(ctx, [app]),
    readKeyBounds(ctx.db, { organizationId: app.organization_id, userId: null }),
  ]);
  return (
    <DetailGrid
      main={
        <>
          <BudgetNotices ctx={ctx} scopeId={id} />
          <UsageCard usage={usage} budget={budget} />
          <DailySpend ctx={ctx} scope={{ app_id: id }} />
          <Card>
            <CardHeader title="Example request" className="pb-1" />
            <div className="px-4 pb-4">
              <AppSnippetTabs
                secret="YOUR_APP_SECRET"
                appId={app.external_id ?? id}
                model={modelFor(app, models)}
              />
            </div>
          </Card>
        </>
      }
      aside={
        <DetailsCard
          facts={appFacts(app, named?.organization_name ?? null, bounds)}
          links={ctx.actor.role === "viewer" ? [] : [changeHistory(id)]}
        />
      }
    />
  );
}

function appFacts(app: App, organizationName: string | null, bounds: KeyBounds): Fact[] {
  const { external_id: externalId, allowed_models: models, created_at: createdAt } = app;
  return [
    {
      label: "Organization",
      value: (
        <Link
          href={`/organizations/${app.organization_id}`}
          className="rounded-xs underline decoration-line-strong underline-offset-3 hover:decoration-accent"
        >
          {organizationName}
        </Link>
      ),
    },
    {
      label: "External ID",
      value: externalId ? (
        <code className="break-all font-mono text-xs">{externalId}</code>
      ) : (
        <span className="text-ink-4">—</span>
      ),
      copy: externalId ?? undefined,
    },
    modelsFact(bounds, { from: "app", models }),
    {
      label: "Unknown users",
      value: app.create_users
        ? `Created, up to ${app.max_created_users.toLocaleString("en-US")}`
        : "Rejected",
    },
    ...limitFacts(app),
    ...metadataFacts(app.metadata, "/apps"),
    { label: "Created", value: <Day iso={createdAt} /> },
  ];
}
