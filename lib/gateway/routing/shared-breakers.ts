import type { HotDatabase } from "#lib/db/client";
import type { SharedBreakers, SharedDown } from "./breakers";

const DEADLINE_MS = 5_000;

/** What replicas share of their breakers, in the table `target_states`. */
export function sharedBreakers({ sql, watch }: Pick<HotDatabase, "sql" | "watch">): SharedBreakers {
  return {
    markDown: async ({ providerId, credentialId, upstreamModel }, reason) => {
      const [row] = await watch.within(
        () => sql<{ probe_in_ms: number | null }[]>`
          SELECT tollgate_target_down_v1(${providerId}::uuid, ${credentialId}, ${upstreamModel}, ${reason}) AS probe_in_ms`,
        DEADLINE_MS,
      );
      return row?.probe_in_ms ?? null;
    },
    markUp: async ({ providerId, credentialId, upstreamModel }) => {
      await watch.within(
        () => sql`SELECT tollgate_target_up_v1(${providerId}::uuid, ${credentialId}, ${upstreamModel})`,
        DEADLINE_MS,
      );
    },
    claimProbe: async ({ providerId, credentialId, upstreamModel }) => {
      const [row] = await watch.within(
        () => sql<{ claimed: boolean }[]>`
          SELECT tollgate_claim_probe_v1(${providerId}::uuid, ${credentialId}, ${upstreamModel}) AS claimed`,
        DEADLINE_MS,
      );
      return row?.claimed ?? false;
    },
    read: () =>
      watch.within(
        () => sql<SharedDown[]>`
          SELECT provider_id AS "providerId", credential_id AS "credentialId", upstream_model AS "upstreamModel",
            extract(epoch FROM clock_timestamp() - opened_at)::float8 * 1000 AS "openedMsAgo",
            extract(epoch FROM probe_after - clock_timestamp())::float8 * 1000 AS "probeInMs"
          FROM target_states WHERE closed_at IS NULL`,
        DEADLINE_MS,
      ),
  };
}
