import { DetailGrid } from "#components/shell/detail-grid";
import { DetailsCard } from "#components/shell/details-card";
import type { ServiceContext } from "#lib/services/context";
import type { Organization } from "#lib/services/organizations/organization";
import { organizationUsage } from "#lib/services/organizations/organization-usage";
import { SpendingPanels } from "../../spending-panels";
import { organizationFacts } from "./organization-facts";
import { OrganizationMembers } from "./organization-members";

type Props = { ctx: ServiceContext; organization: Organization; users: number };

export async function OrganizationDetails({ ctx, organization, users }: Props) {
  const { id, budget } = organization;
  const usage = await organizationUsage(ctx, { id });
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
              { href: `/requests?organization=${id}`, label: "Requests" },
              ...(ctx.actor.role === "viewer"
                ? []
                : [{ href: `/audit?organization=${id}`, label: "Change history" }]),
            ]}
          />
        }
      />
      <OrganizationMembers ctx={ctx} organization={organization} users={users} />
    </div>
  );
}
