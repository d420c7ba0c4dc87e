import Link from "next/link";
import { PageHeader } from "#components/shell/page-header";
import { Card } from "#components/ui/card";
import type { ExternalUser } from "#lib/portal/users/external-users";

type Props = { externalId: string; users: readonly ExternalUser[] };

/** Which of the users that several organizations have under one external ID. */
export function SameExternalId({ externalId, users }: Props) {
  return (
    <>
      <PageHeader
        title="Choose a user"
        description={`Several organizations have a user with the external ID ${externalId}.`}
      />
      <Card>
        <ul className="divide-y divide-line">
          {users.map(({ id, name, email, organization }) => (
            <li key={id}>
              <Link
                href={`/users/${id}`}
                className="flex flex-wrap justify-between gap-x-6 px-4 py-3 text-sm hover:bg-sunken"
              >
                <span className="font-medium text-ink">{organization}</span>
                <span className="text-ink-2">{name ?? email ?? externalId}</span>
              </Link>
            </li>
          ))}
        </ul>
      </Card>
    </>
  );
}
