import { ArrowRight } from "lucide-react";
import Link from "next/link";
import { stripBorders } from "#components/charts/stat-strip";
import { count } from "#components/format/count";
import { cn } from "#components/ui/cn";

type Count = {
  label: string;
  users: number;
  /** The list of these users. */
  href: string;
  /** What it means if there are any. */
  tone?: "wait" | "danger";
  detail?: string;
};

/** How many users have which payment, each a link to them. */
export const PaymentCounts = ({ counts }: { counts: readonly Count[] }) => (
  <ul aria-label="Payments" className="panel grid grid-cols-2 overflow-hidden lg:grid-cols-4">
    {counts.map(({ label, users, href, tone, detail }, index) => (
      <li key={label} className={stripBorders(index)}>
        <Link
          href={href}
          className="group -outline-offset-2 flex h-full min-w-0 flex-col px-4 py-4 transition-colors hover:bg-sunken/70 lg:px-5"
        >
          <span className="text-ink-2 text-xs">{label}</span>
          <span
            className={cn(
              "figures mt-1.5 truncate font-medium text-2xl text-ink",
              users > 0 && tone === "wait" && "text-wait",
              users > 0 && tone === "danger" && "text-danger",
            )}
          >
            {count(users)}
          </span>
          <span className="mt-1 flex items-center gap-1 text-ink-3 text-xs">
            {detail ?? "View users"}
            <ArrowRight
              className="size-3 transition-transform group-hover:translate-x-0.5"
              aria-hidden="true"
            />
          </span>
        </Link>
      </li>
    ))}
  </ul>
);
