import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { FilterChip } from "#components/filters/filter-chip";
import { SegmentedLinks } from "#components/filters/segmented-links";
import { CreateKey } from "#components/keys/create-key";
import { KeySearch } from "#components/keys/key-search";
import { PageHeader } from "#components/shell/page-header";
import { keyFormOptions } from "#lib/portal/keys/key-form-options";
import { organizationChoices } from "#lib/portal/organizations/organization-choices";
import { userLabel } from "#lib/portal/users/user-label";
import type { ServiceContext } from "#lib/services/context";
import { MetadataFilter } from "../metadata-filter";
import { serviceContext } from "../service-context";
import { StreamedTable } from "../streamed-table";
import { createKeyAction, findKeyAction } from "./actions";
import { KeyList } from "./key-list";
import { KEY_STATUSES, type KeyParams, keysHref, loadKeyParams } from "./key-params";

export const metadata: Metadata = { title: "API keys" };

export default async function KeysPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadKeyParams(searchParams);
  const ctx = await serviceContext(keysHref("/keys", params));
  const pair = params.metadata;
  const [options, owner] = await Promise.all([keyFormOptions(ctx), ownerOf(ctx, params)]);
  return (
    <>
      <PageHeader
        title="API keys"
        description="API keys authenticate clients. Revoking one takes effect immediately."
      >
        {options ? <CreateKey options={options} role={ctx.actor.role} create={createKeyAction} /> : null}
      </PageHeader>
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <SegmentedLinks
          label="Status"
          segments={KEY_STATUSES.map((status) => ({
            label: status.charAt(0).toUpperCase() + status.slice(1),
            href: keysHref("/keys", { ...params, status, cursor: null, new: null }),
            current: status === params.status,
          }))}
        />
        <KeySearch find={findKeyAction} />
        <MetadataFilter />
        {owner ? (
          <FilterChip
            label={owner}
            clearHref={keysHref("/keys", { status: params.status, q: params.q, metadata: params.metadata })}
          />
        ) : null}
      </div>
      <StreamedTable
        id={[params.status, params.organization, params.user, pair?.name, pair?.value, params.cursor].join()}
        what="API keys"
        rows={6}
      >
        <KeyList ctx={ctx} params={params} options={options} />
      </StreamedTable>
    </>
  );
}

/** The name of the user or organization that the list is filtered by; null without that filter. */
async function ownerOf(ctx: ServiceContext, { user, organization }: KeyParams): Promise<string | null> {
  if (user !== null) return (await userLabel(ctx, user)) ?? "One user";
  if (organization === null) return null;
  const organizations = await organizationChoices(ctx, organization);
  return organizations.find(({ id }) => id === organization)?.name ?? "One organization";
}
