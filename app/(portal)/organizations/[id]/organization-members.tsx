import Link from "next/link";
import type { ReactNode } from "react";
import { AppTable } from "#components/apps/app-table";
import { CreateApp } from "#components/apps/create-app";
import { plural } from "#components/format/limit-words";
import { CreateKey } from "#components/keys/create-key";
import { KeyTable } from "#components/keys/key-table";
import { Button } from "#components/ui/button";
import { Card, CardHeader } from "#components/ui/card";
import { CreateUser } from "#components/users/create-user";
import { UserTable } from "#components/users/user-table";
import { appFormOptions } from "#lib/portal/apps/app-form-options";
import { appTable } from "#lib/portal/apps/app-table";
import { keyFormOptions } from "#lib/portal/keys/key-form-options";
import { userFormOptions } from "#lib/portal/users/user-form-options";
import { userTable } from "#lib/portal/users/user-table";
import type { ServiceContext } from "#lib/services/context";
import { listKeys } from "#lib/services/keys/list-keys";
import type { Organization } from "#lib/services/organizations/organization";
import { createAppAction } from "../../apps/actions";
import { createKeyAction } from "../../keys/actions";
import { keyActions } from "../../keys/key-actions";
import { createUserAction } from "../../users/actions";

type Props = { ctx: ServiceContext; organization: Organization; users: number };

const SHOWN = 5;

/** The newest users, keys and apps of an organization, each with a button that adds one to it. */
export async function OrganizationMembers({ ctx, organization, users }: Props) {
  const { id, name } = organization;
  const { role } = ctx.actor;
  const query = { organization_id: id, limit: SHOWN };
  const [newestUsers, newestKeys, newestApps, userForm, keyForm, appForm] = await Promise.all([
    userTable(ctx, query),
    listKeys(ctx, query),
    appTable(ctx, query),
    userFormOptions(ctx, id),
    keyFormOptions(ctx),
    appFormOptions(ctx),
  ]);
  const nowMs = Date.now();
  const here = { organizations: [{ id, name }] };
  return (
    <>
      <ListCard
        title={users === 0 ? "Users" : plural(users, "user")}
        noun="users"
        href={`/users?organization=${id}`}
        isEmpty={newestUsers.data.length === 0}
        create={
          userForm && (
            <CreateUser
              options={{ ...userForm, ...here }}
              create={createUserAction}
              place={{ at: "new_user", isSecondary: true }}
            />
          )
        }
      >
        <UserTable users={newestUsers.data} nowMs={nowMs} showOrganization={false} selectable={null} />
      </ListCard>
      <ListCard
        title="API keys"
        noun="API keys"
        href={`/keys?organization=${id}`}
        isEmpty={newestKeys.data.length === 0}
        create={
          keyForm && (
            <CreateKey
              options={{ ...keyForm, ...here }}
              role={role}
              create={createKeyAction}
              place={{ at: "new_key", isSecondary: true }}
            />
          )
        }
      >
        <KeyTable keys={newestKeys.data} nowMs={nowMs} role={role} options={keyForm} actions={keyActions} />
      </ListCard>
      <ListCard
        title="Apps"
        noun="apps"
        href={`/apps?organization=${id}`}
        isEmpty={newestApps.data.length === 0}
        create={
          appForm && (
            <CreateApp
              options={{ ...appForm, ...here }}
              create={createAppAction}
              place={{ at: "new_app", isSecondary: true }}
            />
          )
        }
      >
        <AppTable apps={newestApps.data} nowMs={nowMs} showOrganization={false} />
      </ListCard>
    </>
  );
}

type ListCardProps = {
  title: string;
  /** "API keys" */
  noun: string;
  /** The page that lists all. */
  href: string;
  isEmpty: boolean;
  /** Null if the actor may not create one. */
  create: ReactNode;
  children: ReactNode;
};

const ListCard = ({ title, noun, href, isEmpty, create, children }: ListCardProps) => (
  <Card>
    <CardHeader
      title={title}
      aside={
        <>
          {isEmpty ? null : (
            <Button size="sm" asChild>
              <Link href={href}>View all {noun}</Link>
            </Button>
          )}
          {create}
        </>
      }
    />
    {isEmpty ? (
      <p className="px-4 pb-5 text-ink-3 text-sm">No {noun} yet.</p>
    ) : (
      <div className="border-t">{children}</div>
    )}
  </Card>
);
