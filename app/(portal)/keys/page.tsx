import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { FilterChip } from "#components/filters/filter-chip";
import { SearchBox } from "#components/filters/search-box";
import { SegmentedLinks } from "#components/filters/segmented-links";
import { CreateKey } from "#components/keys/create-key";
import { PageHeader } from "#components/shell/page-header";
import { Card } from "#components/ui/card";
import { TableSkeleton } from "#components/ui/table-skeleton";
import { type KeyFormOptions, keyFormOptions } from "#lib/portal/keys/key-form-options";
import { serviceContext } from "../service-context";
import { Streamed } from "../streamed";
import { createKeyAction } from "./actions";
import { KeyList } from "./key-list";
import { KEY_STATUSES, type KeyParams, keysHref, loadKeyParams } from "./key-params";

export const metadata: Metadata = { title: "API keys" };

export default async function KeysPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadKeyParams(searchParams);
  const ctx = await serviceContext(keysHref("/keys", params));
  const options = await keyFormOptions(ctx);
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
        <SearchBox label="Search API keys by name or prefix" placeholder="Name or prefix" />
        {params.user || params.organization ? (
          <FilterChip
            label={ownerOf(params, options)}
            clearHref={keysHref("/keys", { status: params.status, q: params.q })}
          />
        ) : null}
      </div>
      <Card>
        <Streamed
          id={[params.status, params.organization, params.user, params.cursor].join()}
          fallback={<TableSkeleton what="API keys" rows={6} />}
        >
          <KeyList ctx={ctx} params={params} options={options} />
        </Streamed>
      </Card>
    </>
  );
}

/** The user or organization that the list is filtered by, with its name if the form's options have it. */
function ownerOf({ user, organization }: KeyParams, options: KeyFormOptions | null): string {
  if (user !== null) return options?.users.find(({ id }) => id === user)?.name ?? "One user";
  return options?.organizations.find(({ id }) => id === organization)?.name ?? "One organization";
}
