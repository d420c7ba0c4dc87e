import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { CreateKey } from "#components/forms/create-key";
import { PageHeader } from "#components/shell/page-header";
import { TableSkeleton } from "#components/tables/table-skeleton";
import { Card } from "#components/ui/card";
import { SegmentedLinks } from "#components/ui/segmented-links";
import { serviceContext } from "#lib/services/context";
import { keyFormOptions } from "#lib/services/keys/key-form-options";
import { Streamed } from "../streamed";
import { createKeyAction } from "./actions";
import { KeyList } from "./key-list";
import { KEY_STATUSES, keysHref, loadKeyParams } from "./key-params";
import { KeySearch } from "./key-search";

export const metadata: Metadata = { title: "Keys" };

export default async function KeysPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadKeyParams(searchParams);
  const ctx = await serviceContext(keysHref("/keys", params));
  const options = await keyFormOptions(ctx);
  return (
    <>
      <PageHeader
        title="Keys"
        description="What a client proves itself with. A revoked key is refused from its very next request on."
      >
        {options ? <CreateKey options={options} role={ctx.actor.role} create={createKeyAction} /> : null}
      </PageHeader>
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <SegmentedLinks
          label="Status"
          segments={KEY_STATUSES.map((status) => ({
            label: status.charAt(0).toUpperCase() + status.slice(1),
            href: keysHref("/keys", { status, q: params.q }),
            current: status === params.status,
          }))}
        />
        <KeySearch />
      </div>
      <Card>
        <Streamed id={`${params.status} ${params.cursor}`} fallback={<TableSkeleton what="keys" rows={6} />}>
          <KeyList ctx={ctx} params={params} options={options} />
        </Streamed>
      </Card>
    </>
  );
}
