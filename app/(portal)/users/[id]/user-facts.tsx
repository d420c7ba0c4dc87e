import Link from "next/link";
import { roleName } from "#components/format/role-name";
import { Day } from "#components/ui/day";
import type { Fact } from "#components/ui/facts";
import type { Role } from "#lib/auth/actor";
import type { KeyBounds } from "#lib/services/keys/key-bounds";
import type { User } from "#lib/services/users/user";
import { userBoundFacts } from "../../bound-facts";
import { limitFacts } from "../../limit-facts";
import { metadataFacts } from "../../metadata-fact";

const NONE = <span className="text-ink-4">—</span>;

type Around = {
  organizationName: string | null;
  /** What bounds the user's keys. */
  bounds: KeyBounds;
};

/** A user's details, as far as a reader of that role may see them. */
export function userFacts(user: User, { organizationName, bounds }: Around, reader: Role): Fact[] {
  const { email, organization_id: organizationId, external_id: externalId, created_at: createdAt } = user;
  return [
    {
      label: "E-mail",
      value: email === null ? NONE : <span className="break-all">{email}</span>,
      copy: email ?? undefined,
    },
    {
      label: "Organization",
      value:
        organizationId === null ? (
          "All organizations"
        ) : reader === "member" ? (
          organizationName
        ) : (
          <Link
            href={`/organizations/${organizationId}`}
            className="rounded-xs underline decoration-line-strong underline-offset-3 hover:decoration-accent"
          >
            {organizationName}
          </Link>
        ),
    },
    { label: "Role", value: roleName(user.role) },
    { label: "Sign-in", value: user.has_account ? "Accepted" : email === null ? NONE : "Not accepted yet" },
    {
      label: "External ID",
      value: externalId === null ? NONE : <code className="break-all font-mono text-xs">{externalId}</code>,
      copy: externalId ?? undefined,
    },
    ...limitFacts(user),
    ...userBoundFacts(bounds),
    ...metadataFacts(user.metadata, reader === "member" ? undefined : "/users"),
    { label: "Created", value: <Day iso={createdAt} /> },
  ];
}
