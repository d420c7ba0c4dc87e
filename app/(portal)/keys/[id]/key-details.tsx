import { DetailGrid } from "#components/shell/detail-grid";
import { changeHistory, DetailsCard } from "#components/shell/details-card";
import type { ServiceContext } from "#lib/services/context";
import type { Key } from "#lib/services/keys/key";
import { readKeyBounds } from "#lib/services/keys/key-bounds";
import { keyUsage } from "#lib/services/keys/key-usage";
import { SpendingPanels } from "../../spending-panels";
import { keyFacts } from "./key-facts";

type Props = { ctx: ServiceContext; apiKey: Key };

export async function KeyDetails({ ctx, apiKey }: Props) {
  const { id, organization_id: organizationId, user_id: userId, budget } = apiKey;
  const [usage, bounds] = await Promise.all([
    keyUsage(ctx, { id }),
    readKeyBounds(ctx.db, { organizationId, userId }),
  ]);
  const { role } = ctx.actor;
  // As on the page of a user: usage from before a move is another organization's.
  const scope = { organization_id: organizationId, api_key_id: id };
  return (
    <DetailGrid
      main={<SpendingPanels ctx={ctx} id={id} scope={scope} usage={usage} budget={budget} />}
      aside={
        <DetailsCard
          facts={keyFacts(apiKey, bounds, role)}
          links={[
            { href: `/requests?key=${id}`, label: "Requests" },
            ...(role === "admin" || role === "org_admin" ? [changeHistory(id)] : []),
          ]}
        />
      }
    />
  );
}
