"use client";

import { createContext, type ReactNode, useContext } from "react";
import type { Option } from "#components/ui/select";
import { MOST_CHOICES } from "#lib/portal/organizations/most-choices";
import type { listOrganizations } from "#lib/services/organizations/list-organizations";
import type { listUsers } from "#lib/services/users/list-users";
import { userTitle } from "#lib/services/users/user-title";
import type { ActionOf } from "#lib/services/verb";

/** Finds the choices that contain a text, on the server. At most MOST_CHOICES. Throws an error to be shown. */
export type FindOptions = (search: string) => Promise<Option[]>;

type Finders = {
  organizations: ActionOf<typeof listOrganizations>;
  users: ActionOf<typeof listUsers>;
};

const FindersContext = createContext<Finders | null>(null);

/** Gives the forms and filters below it the actions that search for their choices. */
export const FindChoices = ({ children, ...finders }: Finders & { children: ReactNode }) => (
  <FindersContext value={finders}>{children}</FindersContext>
);

function useFinders(): Finders {
  const finders = useContext(FindersContext);
  if (finders === null) throw new Error("FindChoices is missing around this form.");
  return finders;
}

const searchOf = (text: string) => (text.trim() === "" ? {} : { search: text.trim() });

/** Finds organizations by a part of their name. */
export function useFindOrganizations(): FindOptions {
  const { organizations } = useFinders();
  return async (text) => {
    const found = await organizations({ ...searchOf(text), limit: MOST_CHOICES });
    if (!found.ok) throw new Error(found.error.message);
    return byLabel(found.data.data.map(({ id, name }) => ({ value: id, label: name })));
  };
}

/** Finds an organization's users by a part of their name or e-mail address. */
export function useFindUsers(organizationId: string): FindOptions {
  const { users } = useFinders();
  return async (text) => {
    const found = await users({
      ...searchOf(text),
      ...(organizationId === "" ? {} : { organization_id: organizationId }),
      limit: MOST_CHOICES,
    });
    if (!found.ok) throw new Error(found.error.message);
    return byLabel(
      found.data.data.map((user) => ({
        value: user.id,
        label: userTitle(user),
        ...(user.name === null ? {} : { detail: user.email ?? user.external_id ?? undefined }),
      })),
    );
  };
}

const byLabel = (options: Option[]) => options.sort((a, b) => a.label.localeCompare(b.label));
