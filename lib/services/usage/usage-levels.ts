import { type SQL, sql } from "drizzle-orm";
import type { Actor } from "#lib/auth/actor";
import { formerNames } from "#lib/db/schema/former-names";
import { apiKeys, apps, organizations, users } from "#lib/db/schema/identity";
import type { UsageGroup, UsageQuestion } from "./usage-question";

/** The columns of the levels' keys. */
export const KEYS = [sql.raw("key_1"), sql.raw("key_2")] as const;
/** The tables with the values of groups by metadata. */
export const VALUES = [sql.raw("value_1"), sql.raw("value_2")] as const;

/** The organization that all rows of a report belong to; null for an administrator's report over all of them. */
const namingOrganization = ({ role, organizationId }: Actor, question: UsageQuestion): string | null =>
  role === "admin" ? (question.organization_id ?? null) : organizationId;

/** The key of a group in a row of usage, how it is written, and its name. */
export type Level = { by: SQL; text: (key: SQL) => SQL; name?: (key: SQL) => SQL };

/** The levels of a question, the outer one first. */
export function levelsOf(actor: Actor, question: UsageQuestion): Level[] {
  const organizationId = namingOrganization(actor, question);
  return question.groups.map((group, index) => levelOf(group, index, question.timeZone, organizationId));
}

function levelOf(group: UsageGroup, index: number, timeZone: string, organizationId: string | null): Level {
  switch (group) {
    case "hour":
      return {
        by: sql`date_trunc('hour', began, ${timeZone})`,
        text: (key) => sql`to_char(${key} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI":00.000Z"')`,
      };
    case "day":
      return {
        by: sql`(began at time zone ${timeZone})::date`,
        text: (key) => sql`to_char(${key}, 'YYYY-MM-DD')`,
      };
    case "tag":
      return { by: sql`tags`, text: asItIs };
    case "model":
    case "provider":
    case "upstream_model":
    case "endpoint":
      return { by: sql.identifier(group).getSQL(), text: asItIs };
    case "organization":
    case "user":
    case "api_key":
    case "app":
      return {
        by: sql.identifier(`${group}_id`).getSQL(),
        text: asItIs,
        name: (id) => nameOf(group, id, organizationId),
      };
    default:
      return { by: sql`${VALUES[index]}.value`, text: asItIs };
  }
}

const asItIs = (key: SQL) => key;

function nameOf(
  group: "organization" | "user" | "api_key" | "app",
  id: SQL,
  organizationId: string | null,
): SQL {
  switch (group) {
    case "organization":
      return sql`(select o.name from ${organizations} o where o.id = ${id})`;
    case "user": {
      const current = sql`select coalesce(u.name, u.email, u.external_id) from ${users} u where u.id = ${id}`;
      return nameIn(organizationId, current, sql`u`, id);
    }
    case "api_key":
      return nameIn(organizationId, sql`select k.name from ${apiKeys} k where k.id = ${id}`, sql`k`, id);
    case "app":
      return sql`(select a.name from ${apps} a where a.id = ${id})`;
  }
}

/** What an organization calls a user or key, or called it until it moved; what it is called now without one. */
function nameIn(organizationId: string | null, current: SQL, table: SQL, id: SQL): SQL {
  if (organizationId === null) return sql`(${current})`;
  return sql`coalesce(
    (${current} and ${table}.organization_id = ${organizationId}),
    (select f.name from ${formerNames} f where f.organization_id = ${organizationId} and f.subject_id = ${id}))`;
}
