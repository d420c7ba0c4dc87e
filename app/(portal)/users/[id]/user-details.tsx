import { DetailGrid } from "#components/shell/detail-grid";
import { changeHistory, DetailsCard } from "#components/shell/details-card";
import { userBounds } from "#lib/portal/keys/user-bounds";
import { withOrganizationNames } from "#lib/portal/organizations/with-organization-names";
import type { ServiceContext } from "#lib/services/context";
import type { User } from "#lib/services/users/user";
import { userUsage } from "#lib/services/users/user-usage";
import { SpendingPanels } from "../../spending-panels";
import { PaymentCard } from "./payment-card";
import { userFacts } from "./user-facts";
import { UserKeys } from "./user-keys";
import { UserSessions } from "./user-sessions";

type Props = { ctx: ServiceContext; user: User; mayManage: boolean };

/** In their organization, also for administrators: usage from before a move is another organization's. */
const scopeOf = ({ id, organization_id }: User) => ({
  user_id: id,
  ...(organization_id === null ? {} : { organization_id }),
});

export async function UserDetails({ ctx, user, mayManage }: Props) {
  const { id, budget } = user;
  const [usage, [named], bounds] = await Promise.all([
    userUsage(ctx, { id }),
    withOrganizationNames(ctx, [user]),
    userBounds(ctx, user),
  ]);
  const organizationName = named?.organization_name ?? null;
  const { role } = ctx.actor;
  return (
    <div className="flex flex-col gap-4">
      <DetailGrid
        main={<SpendingPanels ctx={ctx} id={id} scope={scopeOf(user)} usage={usage} budget={budget} />}
        aside={
          <>
            <PaymentCard user={user} mayManage={mayManage} />
            <DetailsCard
              facts={userFacts(user, { organizationName, bounds }, role)}
              links={role === "admin" || role === "org_admin" ? [changeHistory(id)] : []}
            />
          </>
        }
      />
      <UserKeys ctx={ctx} user={user} />
      {mayManage && user.has_account ? <UserSessions ctx={ctx} user={user} /> : null}
    </div>
  );
}
