import { Pager } from "#components/filters/pager";
import { NoticeLine } from "#components/notices/notice-line";
import { ReadNotices } from "#components/notices/read-notices";
import { EmptyState } from "#components/ui/empty-state";
import { noticePage } from "#lib/portal/notices/notice-page";
import type { ServiceContext } from "#lib/services/context";
import { listNotices } from "#lib/services/notices/list-notices";
import { readNoticesAction } from "./actions";
import { noticesHref } from "./notice-params";

type Props = { ctx: ServiceContext; params: { unread: boolean; cursor: string | null } };

export async function NoticeList({ ctx, params: { unread, cursor } }: Props) {
  const { data, next_cursor } = await listNotices(ctx, {
    ...(unread ? { unread: "true" } : {}),
    cursor: cursor ?? undefined,
  });
  if (data.length === 0)
    return (
      <EmptyState title={unread ? "Nothing unread" : "No notices yet"}>
        Notices appear here when a budget is nearly spent, a payment or key ends, or a provider is down.
      </EmptyState>
    );
  const nowMs = Date.now();
  const ids = data.filter(({ read_at }) => read_at === null).map(({ id }) => id);
  return (
    <>
      {ids.length === 0 ? null : (
        <div className="flex justify-end border-b px-4 py-2.5">
          <ReadNotices ids={ids} read={readNoticesAction} />
        </div>
      )}
      <ul aria-label="Notices">
        {data.map((notice) => (
          <NoticeLine key={notice.id} notice={notice} href={noticePage(notice)} nowMs={nowMs} />
        ))}
      </ul>
      <Pager
        shown={data.length}
        noun="notice"
        cursor={cursor}
        nextCursor={next_cursor}
        hrefAt={(at) => noticesHref("/notices", { unread: unread || null, cursor: at })}
      />
    </>
  );
}
