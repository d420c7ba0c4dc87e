import { Anything, ApiKeyWithSecret, Organization, Usage, User } from "#lib/cli/api/answers";
import type { AdminClient } from "#lib/cli/api/client";
import { CliError, EXIT } from "#lib/cli/failure";
import type { Outcome } from "./send-probes";

/** What a smoke test makes: an organization with a user and a key, until it is over. */
export type Made = {
  outcomes: Outcome[];
  key: string | null;
  organizationId: string | null;
  paths: string[];
};

/** Makes an organization, a user and a key by the Admin API, and changes each once. */
export async function makeThings(admin: AdminClient, suffix: string): Promise<Made> {
  const made: Made = { outcomes: [], key: null, organizationId: null, paths: [] };
  const step = async <T>(name: string, run: () => Promise<{ value: T }>): Promise<T> => {
    const startedAt = performance.now();
    try {
      const { value } = await run();
      const detail = `${Math.round(performance.now() - startedAt)} ms`;
      made.outcomes.push({ name, state: "ok", detail });
      return value;
    } catch (error) {
      if (error instanceof CliError) made.outcomes.push({ name, state: "failed", detail: error.message });
      throw error;
    }
  };
  const name = `tollgate-smoke-${suffix}`;
  try {
    const budget = { limit_usd: "1", period: "total" };
    const organization = await step("POST organizations", () =>
      admin.post("/organizations", Organization, { name, budget }),
    );
    const { id: organization_id } = organization;
    made.organizationId = organization_id;
    made.paths.unshift(`/organizations/${organization_id}`);
    const email = `${name}@smoke.tollgate.example`;
    const user = await step("POST users", () => admin.post("/users", User, { email, organization_id }));
    made.paths.unshift(`/users/${user.id}`);
    await step("PATCH users/{id}", () => admin.patch(`/users/${user.id}`, User, { name }));
    const first = await step("POST api-keys", () =>
      admin.post("/api-keys", ApiKeyWithSecret, { name, user_id: user.id, tags: ["smoke"] }),
    );
    made.paths.unshift(`/api-keys/${first.id}`);
    const { key } = await step("POST api-keys/{id}/rotate", () =>
      admin.post(`/api-keys/${first.id}/rotate`, ApiKeyWithSecret),
    );
    made.key = key;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
  }
  return made;
}

/** Reads what the requests have left behind, and deletes what was made. */
export async function readAndCleanUp(
  admin: AdminClient,
  { organizationId, paths }: Made,
): Promise<Outcome[]> {
  const reads =
    organizationId === null
      ? []
      : [
          ["GET requests", `/requests?organization_id=${organizationId}`, Anything] as const,
          ["GET organizations/{id}/usage", `/organizations/${organizationId}/usage`, Usage] as const,
        ];
  const outcomes: Outcome[] = [];
  for (const [name, path, schema] of reads) {
    outcomes.push(await outcomeOf(name, () => admin.get(path, schema)));
  }
  for (const path of paths)
    outcomes.push(await outcomeOf(`DELETE ${path.slice(1)}`, () => admin.delete(path)));
  return outcomes;
}

async function outcomeOf(name: string, run: () => Promise<unknown>): Promise<Outcome> {
  const startedAt = performance.now();
  try {
    await run();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    // A user's keys are deleted with the user.
    if (error.exitCode !== EXIT.notFound) return { name, state: "failed", detail: error.message };
  }
  return { name, state: "ok", detail: `${Math.round(performance.now() - startedAt)} ms` };
}
