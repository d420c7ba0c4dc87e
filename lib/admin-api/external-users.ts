import { z } from "zod";
import { EXTERNAL_ID } from "#lib/auth/external-id";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";
import { findExternalUser } from "#lib/services/users/find-external-user";
import type { Operation } from "./operation";

const PREFIX = "external_id:";

/** A user by the id that another system has for them: `external_id:emp-17`. */
export const ExternalUser = z
  .string()
  .startsWith(PREFIX)
  .refine((text) => EXTERNAL_ID.test(text.slice(PREFIX.length)), `Give the external id after "${PREFIX}".`)
  .meta({ id: "ExternalUser", examples: [`${PREFIX}emp-17`] })
  .describe(
    "`external_id:` and the id of a user in another system, percent-encoded in a path. If several organizations have one, `organization_id` says which.",
  );

/** Says which organization's user is meant, beside an external id in a path. */
export const OrganizationOfUser = z.object({
  organization_id: z.uuid().optional().describe("The user's organization, beside an external id."),
});

/** Whether a path parameter of an operation is a user's id. */
export const isUserParameter = ({ path }: Pick<Operation, "path">, name: string): boolean =>
  name === "id" && path.startsWith("/users/{id}");

export const isExternalUser = (value: unknown): value is string => ExternalUser.safeParse(value).success;

type Input = Readonly<Record<string, unknown>>;

/**
 * Puts users' ids in the place of external ones: in the path, in `user_id`, and in the scope of an adjustment.
 * @param organizationId from the query, for the user in the path
 * @throws ServiceError as `findExternalUser`
 */
export async function withUserIds(
  { db, actor }: ServiceContext,
  operation: Operation,
  input: Input,
  organizationId: string | undefined,
): Promise<Input> {
  const idOf = (value: string, within: unknown, field: string) => {
    const { organization_id } = parseInput(OrganizationOfUser, { organization_id: within ?? undefined });
    const named = { externalId: value.slice(PREFIX.length), organizationId: organization_id };
    return findExternalUser(db, actor, named, field);
  };
  const { id, user_id: userId, scope, organization_id: within } = input;
  if (isUserParameter(operation, "id") && isExternalUser(id))
    return { ...input, id: await idOf(id, organizationId, "id") };
  if (isExternalUser(userId)) return { ...input, user_id: await idOf(userId, within, "user_id") };
  if (isScope(scope) && isExternalUser(scope.user_id)) {
    const { organization_id: organization, ...rest } = scope;
    return {
      ...input,
      scope: { ...rest, user_id: await idOf(scope.user_id, organization, "scope.user_id") },
    };
  }
  return input;
}

const isScope = (value: unknown): value is { user_id?: unknown; organization_id?: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
