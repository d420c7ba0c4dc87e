import { RowLink } from "#components/ui/table";
import type { User } from "#lib/services/users/user";
import { userTitle } from "#lib/services/users/user-title";

/** A user in a row that links to their page, with the address below a name. */
export const UserName = ({ user }: { user: Pick<User, "id" | "name" | "email" | "external_id"> }) => (
  <>
    <RowLink href={`/users/${user.id}`} className="block">
      {userTitle(user)}
    </RowLink>
    {user.name === null ? null : (
      <span className="block truncate text-ink-3 text-xs">{user.email ?? user.external_id}</span>
    )}
  </>
);
