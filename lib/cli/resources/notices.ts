import { Option } from "@commander-js/extra-typings";
import { Notice } from "#lib/cli/api/answers";
import { minute } from "#lib/cli/output/format";
import type { listNotices } from "#lib/services/notices/list-notices";
import type { InputOf } from "#lib/services/verb";
import { action } from "./commands/change";
import { list } from "./commands/list";
import { type Field, fieldsOf } from "./field";
import { organizationFilter } from "./organization-filter";
import { defineResource } from "./resource";

const { field } = fieldsOf<InputOf<typeof listNotices>>();

const unreadFilter: Field = {
  options: [new Option("--unread", "only those that you have not read")],
  toRequest: ({ unread }) => (unread === true ? { unread: "true" } : {}),
};

/** `tollgate notice …`: what the portal's bell shows. */
export const addNotices = defineResource<Notice>({
  path: "/notices",
  item: Notice,
  noun: "notice",
  command: "notice",
  // The API has no `GET` for one notice.
  find: async (_admin, reference) => ({ id: reference, message: reference }),
  alias: "notices",
  plural: "notices",
  summary: "Notices: budgets, payments, keys and webhooks that need attention",
  named: "id",
  label: ({ id }) => `the notice ${id}`,
  columns: [
    { title: "TIME", value: (notice) => minute(notice.created_at) },
    { title: "ID", value: (notice) => notice.id },
    { title: "MESSAGE", value: (notice) => notice.message, mayShrink: true },
    { title: "TYPE", value: (notice) => notice.type, mayGo: true },
    { title: "READ", value: (notice) => minute(notice.read_at), mayGo: true },
  ],
  facts: (notice) => [
    ["message", notice.message],
    ["id", notice.id],
    ["type", notice.type],
    ["time", minute(notice.created_at)],
    ["read", minute(notice.read_at)],
  ],
  commands: [
    list({
      filters: [
        unreadFilter,
        field("type", new Option("--type <type>", "only of this type, like budget.exhausted")),
        organizationFilter("notices"),
      ],
      empty: "No notices.",
    }),
    action({ name: "read", description: "mark a notice as read" }),
  ],
});
