import type { TargetLimits } from "#lib/gateway/routing/routing";
import type { TestGateway } from "./test-gateway";

/** What it reads is not stated, unless it is given. */
type TargetOf = { upstreamModel: string; contextWindow?: number } & Partial<TargetLimits>;

/** Replaces a model's targets by some of the same provider at the same price, tried in this order. */
export async function setTargets(
  { sql, seeded, gateway }: TestGateway,
  model: string,
  targets: readonly TargetOf[],
  retries = 0,
): Promise<void> {
  const id = seeded.ids.models[model] ?? "";
  const [old] =
    await sql`DELETE FROM model_targets WHERE model_id = ${id} RETURNING provider_id, price_version_id`;
  for (const [priority, target] of targets.entries()) {
    const { upstreamModel: upstream_model, ...limits } = target;
    await sql`
      INSERT INTO model_targets ${sql({
        model_id: id,
        provider_id: old?.provider_id,
        price_version_id: old?.price_version_id,
        upstream_model,
        priority,
        connect_timeout_ms: limits.connectTimeoutMs ?? null,
        timeout_ms: limits.timeoutMs ?? null,
        idle_timeout_ms: limits.idleTimeoutMs ?? null,
        max_concurrent: limits.maxConcurrent ?? null,
        requests_per_minute: limits.requestsPerMinute ?? null,
        tokens_per_minute: limits.tokensPerMinute ?? null,
        context_window: target.contextWindow ?? null,
      })}`;
  }
  await sql`UPDATE models SET retries = ${retries} WHERE id = ${id}`;
  await gateway.routing({ fresh: true });
}
