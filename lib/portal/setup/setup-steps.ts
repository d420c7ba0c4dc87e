import { sql } from "drizzle-orm";
import { z } from "zod";
import type { ServiceContext } from "#lib/services/context";

const Steps = z.object({
  provider: z.boolean(),
  model: z.boolean(),
  organization: z.boolean(),
  key: z.boolean(),
  request: z.boolean(),
});

/** What a new installation needs before its first request is served, and whether it is there. */
export type SetupSteps = z.output<typeof Steps>;

/**
 * Reads which steps of setting up are done. A provider that lists its models serves them without one being created.
 * @returns null except for administrators, and once all are done
 */
export async function setupSteps({ db, actor }: ServiceContext): Promise<SetupSteps | null> {
  if (actor.role !== "admin") return null;
  const [row] = await db.execute(sql`
    SELECT EXISTS (SELECT FROM providers WHERE enabled) AS provider,
      EXISTS (SELECT FROM models WHERE enabled)
        OR EXISTS (SELECT FROM providers WHERE enabled AND settings @> '{"list_models": true}') AS model,
      EXISTS (SELECT FROM organizations) AS organization,
      EXISTS (SELECT FROM api_keys) OR EXISTS (SELECT FROM apps) AS key,
      EXISTS (SELECT FROM ledger WHERE status <> 'adjustment') AS request`);
  const steps = Steps.parse(row);
  return Object.values(steps).every((done) => done) ? null : steps;
}
