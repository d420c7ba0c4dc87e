import type { Metadata } from "next";
import { redirect } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { PageHeader } from "#components/shell/page-header";
import { CreateUser } from "#components/users/create-user";
import { ImportUsers } from "#components/users/import-users";
import { SyncExpiry } from "#components/users/sync-expiry";
import { organizationChoices } from "#lib/portal/organizations/organization-choices";
import { userFormOptions } from "#lib/portal/users/user-form-options";
import { serviceContext } from "../service-context";
import { StreamedTable } from "../streamed-table";
import { createUserAction, importUsersCsvAction, syncAllExpiryAction } from "./actions";
import { UserFilters } from "./user-filters";
import { UserList } from "./user-list";
import { loadUserParams, usersHref } from "./user-params";

export const metadata: Metadata = { title: "Users" };

export default async function UsersPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadUserParams(searchParams);
  const ctx = await serviceContext(usersHref("/users", params));
  if (ctx.actor.role === "member") redirect(`/users/${ctx.actor.id}`);
  const { organization, payment, role, metadata: pair, cursor } = params;
  const [options, organizations] = await Promise.all([
    userFormOptions(ctx, organization),
    organizationChoices(ctx, organization),
  ]);
  return (
    <>
      <PageHeader title="Users" description="People with access, and when their payment expires.">
        {options ? (
          <>
            <SyncExpiry sync={syncAllExpiryAction} />
            <ImportUsers
              key={organization}
              organization={organization}
              options={options}
              importCsv={importUsersCsvAction}
            />
            <CreateUser options={options} create={createUserAction} />
          </>
        ) : null}
      </PageHeader>
      <UserFilters organizations={organizations} />
      <StreamedTable id={[organization, payment, role, pair?.name, pair?.value, cursor].join()} what="users">
        <UserList ctx={ctx} params={params} options={options} />
      </StreamedTable>
    </>
  );
}
