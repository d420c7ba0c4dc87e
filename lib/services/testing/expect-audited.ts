import { expect } from "vitest";
import type { Actor } from "#lib/auth/actor";
import type { World } from "./world";

type Creation = {
  subjectType: string;
  created: { id: string };
  by: Actor;
  organizationId: string | null;
};

/** Expects the audit log to have the creation of a subject, and nothing else about it. */
export async function expectCreationAudited(
  world: World,
  { subjectType, created, by, organizationId }: Creation,
): Promise<void> {
  expect(await world.auditOf(created.id)).toMatchObject([
    {
      action: `${subjectType}.create`,
      subjectType,
      actorId: by.id,
      organizationId,
      before: null,
      after: created,
      ip: "192.0.2.7",
    },
  ]);
}
