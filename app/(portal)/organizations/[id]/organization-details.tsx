import Link from "next/link";
import { UsageCard } from "#components/charts/usage-card";
import { plural } from "#components/format/limit-words";
import { DetailGrid } from "#components/shell/detail-grid";
import { Button } from "#components/ui/button";
import { Card, CardHeader } from "#components/ui/card";
import { Facts } from "#components/ui/facts";
import { LinkList } from "#components/ui/link-list";
import { UserTable } from "#components/users/user-table";
import { userTable } from "#lib/portal/users/user-table";
import type { ServiceContext } from "#lib/services/context";
import type { Organization } from "#lib/services/organizations/organization";
import { organizationUsage } from "#lib/services/organizations/organization-usage";
import { BudgetNotices } from "../../budget-notices";
import { DailySpend } from "../../daily-spend";
import { organizationFacts } from "./organization-facts";

type Props = { ctx: ServiceContext; organization: Organization; users: number };

const SHOWN_USERS = 10;

export async function OrganizationDetails({ ctx, organization, users }: Props) {
  const { id, budget } = organization;
  const [usage, newest] = await Promise.all([
    organizationUsage(ctx, { id }),
    userTable(ctx, { organization_id: id, limit: SHOWN_USERS }),
  ]);
  return (
    <div className="flex flex-col gap-4">
      <DetailGrid
        main={
          <>
            <BudgetNotices ctx={ctx} scopeId={id} />
            <UsageCard usage={usage} budget={budget} />
            <DailySpend ctx={ctx} scope={{ organization_id: id }} />
          </>
        }
        aside={
          <Card>
            <CardHeader title="Details" className="pb-1" />
            <Facts facts={organizationFacts(organization)} />
            <LinkList
              links={[
                { href: `/keys?organization=${id}`, label: "API keys" },
                { href: `/apps?organization=${id}`, label: "Apps" },
                { href: `/requests?organization=${id}`, label: "Requests" },
                ...(ctx.actor.role === "viewer"
                  ? []
                  : [{ href: `/audit?organization=${id}`, label: "Change history" }]),
              ]}
            />
          </Card>
        }
      />
      <Card>
        <CardHeader
          title={users === 0 ? "Users" : plural(users, "user")}
          aside={
            <Button size="sm" asChild>
              <Link href={`/users?organization=${id}`}>View all users</Link>
            </Button>
          }
        />
        {newest.data.length === 0 ? (
          <p className="px-4 pb-5 text-ink-3 text-sm">No users yet.</p>
        ) : (
          <div className="border-t">
            <UserTable users={newest.data} nowMs={Date.now()} showOrganization={false} />
          </div>
        )}
      </Card>
    </div>
  );
}
