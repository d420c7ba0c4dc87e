import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { SearchParams } from "nuqs/server";
import { PageHeader } from "#components/shell/page-header";
import { CreateToken } from "#components/tokens/create-token";
import { organizationChoices } from "#lib/portal/organizations/organization-choices";
import type { AdminToken } from "#lib/services/admin-tokens/admin-token";
import { serviceContext } from "../service-context";
import { StreamedTable } from "../streamed-table";
import { createTokenAction } from "./actions";
import { TokenList } from "./token-list";
import { loadTokenParams, tokensHref } from "./token-params";

export const metadata: Metadata = { title: "Admin tokens" };

const ROLES: readonly AdminToken["role"][] = ["admin", "org_admin", "viewer"];

export default async function TokensPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await loadTokenParams(searchParams);
  const ctx = await serviceContext(tokensHref("/tokens", params));
  const { role } = ctx.actor;
  if (role !== "admin" && role !== "org_admin") notFound();
  const organizations = await organizationChoices(ctx);
  // A token has no more rights than its creator, and other roles than admin need an organization.
  const roles = ROLES.filter((each) => (each === "admin" ? role === "admin" : organizations.length > 0));
  return (
    <>
      <PageHeader
        title="Admin tokens"
        description="Admin tokens authenticate the command line and scripts. Deleting one takes effect immediately."
      >
        {roles.length > 0 ? (
          <CreateToken options={{ roles, organizations }} create={createTokenAction} />
        ) : null}
      </PageHeader>
      <StreamedTable id={`${params.cursor}`} what="admin tokens" rows={4}>
        <TokenList ctx={ctx} params={params} />
      </StreamedTable>
    </>
  );
}
