import Link from "next/link";
import { count } from "#components/format/count";
import { Button } from "#components/ui/button";
import { Card, CardHeader } from "#components/ui/card";
import { LinkedTr, Table, Td, Th } from "#components/ui/table";
import { PaymentBadge } from "#components/users/payment-badge";
import { UserName } from "#components/users/user-name";
import type { PaymentRow } from "#lib/portal/payments/payment-overview";

type Props = {
  title: string;
  empty: string;
  users: readonly PaymentRow[];
  /** All of them, by the list of users. */
  more: { href: string; users: number };
  nowMs: number;
  showOrganization: boolean;
};

/** Some users and their payments, with a link to all. */
export const PaymentList = ({ title, empty, users, more, nowMs, showOrganization }: Props) => (
  <Card>
    <CardHeader
      title={title}
      aside={
        users.length === 0 ? null : (
          <Button size="sm" asChild>
            <Link href={more.href}>View all {count(more.users)}</Link>
          </Button>
        )
      }
    />
    {users.length === 0 ? (
      <p className="px-4 pb-5 text-ink-3 text-sm">{empty}</p>
    ) : (
      <div className="border-t">
        <Table
          label={title}
          head={
            <>
              <Th>User</Th>
              {showOrganization ? <Th className="hidden sm:table-cell">Organization</Th> : null}
              <Th className="text-right">Payment</Th>
            </>
          }
        >
          {users.map((user) => (
            <LinkedTr key={user.id}>
              <Td className="max-w-36 sm:max-w-56">
                <UserName user={user} />
              </Td>
              {showOrganization ? (
                <Td className="hidden max-w-40 truncate text-ink-2 sm:table-cell">
                  {user.organization_name ?? <span className="text-ink-3">All organizations</span>}
                </Td>
              ) : null}
              <Td className="text-right">
                <PaymentBadge user={user} nowMs={nowMs} />
              </Td>
            </LinkedTr>
          ))}
        </Table>
      </div>
    )}
  </Card>
);
