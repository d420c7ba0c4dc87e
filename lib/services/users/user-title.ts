import type { User } from "./user";

/** What a user is called: by name, else by e-mail address, else by their id elsewhere. */
export const userTitle = ({
  name,
  email,
  external_id: externalId,
}: Pick<User, "name" | "email" | "external_id">): string => name ?? email ?? externalId ?? "";
