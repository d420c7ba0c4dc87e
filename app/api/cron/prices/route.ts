import { cronRoute } from "#lib/jobs/cron";
import { refreshPricesFromUrl } from "#lib/jobs/price-refresh";

export const dynamic = "force-dynamic";
export const maxDuration = 60;

/** For Vercel cron and other schedulers; a self-hosted process runs the same job on its own timer. */
export const GET = cronRoute(() => refreshPricesFromUrl());
