import type { Metadata } from "next";
import type { SearchParams } from "nuqs/server";
import { SegmentedLinks } from "#components/filters/segmented-links";
import { PageHeader } from "#components/shell/page-header";
import { serviceContext } from "../service-context";
import { StreamedTable } from "../streamed-table";
import { NoticeList } from "./notice-list";
import { loadNoticeParams, noticesHref } from "./notice-params";

export const metadata: Metadata = { title: "Notices" };

export default async function NoticesPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadNoticeParams(searchParams);
  const ctx = await serviceContext(noticesHref("/notices", params));
  return (
    <>
      <PageHeader
        title="Notices"
        description="What happened to budgets, payments, keys, providers and webhooks."
      />
      <div className="mb-4">
        <SegmentedLinks
          label="Which notices"
          segments={[
            { label: "All", href: noticesHref("/notices", { unread: null }), current: !params.unread },
            { label: "Unread", href: noticesHref("/notices", { unread: true }), current: params.unread },
          ]}
        />
      </div>
      <StreamedTable id={JSON.stringify(params)} what="notices">
        <NoticeList ctx={ctx} params={params} />
      </StreamedTable>
    </>
  );
}
