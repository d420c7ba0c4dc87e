import Link from "next/link";
import { plural } from "#components/format/limit-words";
import { DetailGrid } from "#components/shell/detail-grid";
import { DetailsCard } from "#components/shell/details-card";
import { Button } from "#components/ui/button";
import { Card, CardHeader } from "#components/ui/card";
import { UserTable } from "#components/users/user-table";
import { userTable } from "#lib/portal/users/user-table";
import type { ServiceContext } from "#lib/services/context";
import type { Organization } from "#lib/services/organizations/organization";
import { organizationUsage } from "#lib/services/organizations/organization-usage";
import { SpendingPanels } from "../../spending-panels";
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
          <SpendingPanels ctx={ctx} id={id} scope={{ organization_id: id }} usage={usage} budget={budget} />
        }
        aside={
          <DetailsCard
            facts={organizationFacts(organization, ctx.actor.role)}
            links={[
              { href: `/keys?organization=${id}`, label: "API keys" },
              { href: `/apps?organization=${id}`, label: "Apps" },
              { href: `/requests?organization=${id}`, label: "Requests" },
              ...(ctx.actor.role === "viewer"
                ? []
                : [{ href: `/audit?organization=${id}`, label: "Change history" }]),
            ]}
          />
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
            <UserTable users={newest.data} nowMs={Date.now()} showOrganization={false} selectable={null} />
          </div>
        )}
      </Card>
    </div>
  );
}
