import { rejectionsHourly } from "#lib/db/schema/rejections";
import { type World, worldOfFile } from "#lib/services/testing/world";

const HOUR_MS = 3_600_000;

/** The end of the time in which the world's rejections happened. */
export const NOW = new Date("2026-01-31T12:30:00Z");

/** A request of the world's member that their budget rejected, 2 hours before `NOW`. */
export const OVER_BUDGET = {
  id: "019c137f-ab60-7000-8000-00000000000a",
  message: "The monthly budget of your user has $0.12 left, and this request needs at least $0.35.",
  budget: { scope: "user", period: "month", remaining_usd: "0.12", held_usd: "0", needed_usd: "0.35" },
} as const;

/** One of the organization's key, which a limit rejected 3 hours before `NOW`. */
export const OVER_LIMIT = {
  id: "019c1348-bce0-7000-8000-00000000000b",
  message: "Rate limit reached.",
  budget: null,
} as const;

/** Who sent them, as an answer of the API says it. */
export const byMember = ({ a, member }: World) => ({
  organization_id: a.id,
  organization_name: "A",
  user_id: member.id,
  user_name: "member",
  api_key_id: a.memberKey,
  api_key_name: "a-member",
  key_prefix: "tg_test_a-member",
  app_id: null,
  app_name: null,
  model: "small",
});

type Row = Partial<typeof rejectionsHourly.$inferInsert>;

/** Adds rejections of one kind in one hour. */
export async function addRejections(world: World, hour: Date, row: Row): Promise<void> {
  await world.db.insert(rejectionsHourly).values({
    hour,
    code: "invalid_request",
    rejections: 1,
    lastAt: hour,
    lastMessage: "Say, what?",
    ...row,
  });
}

/** The world of a test file with rejections of both organizations and of unknown callers, up to 100 days before `NOW`. */
export async function rejectionWorldOfFile(): Promise<World> {
  const world = await worldOfFile();
  const { a, b, member } = world;
  const add = (hoursAgo: number, rejections: number, row: Row) => {
    const hour = new Date(Math.floor(NOW.getTime() / HOUR_MS - hoursAgo) * HOUR_MS);
    const lastAt = new Date(hour.getTime() + 60_000);
    return addRejections(world, hour, { rejections, lastAt, lastMessage: `${hoursAgo} hours ago`, ...row });
  };
  await add(0, 5, { organizationId: a.id, userId: member.id, apiKeyId: a.memberKey, model: "small" });
  await add(2, 7, {
    organizationId: a.id,
    userId: member.id,
    apiKeyId: a.memberKey,
    model: "small",
    lastRequests: [OVER_BUDGET],
  });
  await add(3, 1, {
    organizationId: a.id,
    apiKeyId: a.orgKey,
    code: "rate_limit_exceeded",
    lastRequests: [OVER_LIMIT],
  });
  await add(30, 2, { organizationId: b.id, apiKeyId: b.orgKey, code: "rate_limit_exceeded" });
  await add(50, 100, { code: "invalid_api_key", keyPrefix: "tg_live_abcd" });
  await add(24 * 100, 9, { code: "invalid_api_key" });
  return world;
}
