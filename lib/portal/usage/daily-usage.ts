import type { ServiceContext } from "#lib/services/context";
import { type UsageReportQuery, type UsageRow, usageReport } from "#lib/services/usage/usage-report";

/** The usage of one UTC day, which may be zero. */
export type DayUsage = Pick<UsageRow, "requests" | "errors" | "cost_usd"> & { day: string };

type Scope = Pick<UsageReportQuery, "organization_id" | "user_id" | "api_key_id" | "app_id">;

const DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Returns the usage of one scope on each of the last 30 UTC days, today included, as far as the actor may see it.
 * @param now for tests
 * @throws ServiceError "invalid"
 */
export async function dailyUsage(
  ctx: ServiceContext,
  scope: Scope,
  now: Date = new Date(),
): Promise<DayUsage[]> {
  const firstMs = (Math.floor(now.getTime() / DAY_MS) - DAYS + 1) * DAY_MS;
  const days = Array.from({ length: DAYS }, (_, index) => utcDay(firstMs + index * DAY_MS));
  const { data } = await usageReport(ctx, {
    ...scope,
    group_by: "day",
    from: utcDay(firstMs),
    to: utcDay(firstMs + DAYS * DAY_MS),
  });
  const used = new Map(data.map((row) => [row.group, row]));
  return days.map((day) => {
    const { requests = 0, errors = 0, cost_usd = "0" } = used.get(day) ?? {};
    return { day, requests, errors, cost_usd };
  });
}

const utcDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);
